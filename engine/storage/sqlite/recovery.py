"""Takes back what a dead process had: at once, for a file has one owner, and whoever opens it knows the last is gone.

A death with no suspect alone in hand acquits: deaths before it in which a suspect was alone are held against none.
"""

from collections import defaultdict
from collections.abc import Mapping

from engine.storage.fates import Fate, fate_of
from engine.storage.held import Held, may_repeat
from engine.storage.slots import Left
from engine.storage.sqlite.leases import meet
from engine.storage.sqlite.suspects import acquit, line_up
from engine.storage.sqlite.transaction import Transaction

RUNNING = """
    SELECT json_group_array(json_array(id, lane, fence, losses, method, json(request)))
    FROM jobs WHERE status = 'running' AND lease_until IS NOT NULL
"""


def recover(transaction: Transaction, left: Left | None) -> Mapping[str, int]:
    """`left` is what the dead had in hand, None if nobody knows. Says how many jobs met which fate."""
    if left is None or left.acquits:
        acquit(transaction)
    begun = {(each.job_id, each.fence): each for each in (left.begun if left else ())}
    fates: dict[Fate, list[Held]] = defaultdict(list)
    for job_id, lane, fence, losses, method, rest in transaction.parsed(RUNNING):
        note = begun.get((job_id, fence))
        is_sent = note is not None or left is None
        fates[fate_of(note, losses, is_barred=is_sent and not may_repeat(method, rest))].append(
            Held(job_id, lane, losses)
        )
    meet(transaction, fates)
    line_up(transaction)
    return {fate.value: len(held) for fate, held in fates.items()}
