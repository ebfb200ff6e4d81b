"""Takes back what a process of this machine had when it died; what others had comes back when its leases end.

A death with no suspect alone in hand acquits: deaths before it in which a suspect was alone are held against none.
"""

from collections import defaultdict
from collections.abc import Mapping

import orjson

from engine.jobs.losses import SUSPECT_AFTER
from engine.storage.fates import Fate, fate_of
from engine.storage.hands import Orphan
from engine.storage.held import Held, may_repeat
from engine.storage.postgres.leases import meet
from engine.storage.postgres.transaction import Transaction

RUNNING = """
    SELECT id, lane, fence, losses, method, request FROM jobs WHERE status = 'running' AND owner = $1
    ORDER BY id FOR UPDATE
"""
ACQUIT = "UPDATE jobs SET losses = $1 WHERE losses > 1 AND losses > $1 AND completed_at IS NULL"


async def recover(transaction: Transaction, orphan: Orphan) -> Mapping[str, int]:
    """Says how many jobs met which fate."""
    if orphan.left is None or orphan.left.acquits:
        await transaction.run(ACQUIT, SUSPECT_AFTER)
    begun = {(each.job_id, each.fence): each for each in (orphan.left.begun if orphan.left else ())}
    fates: dict[Fate, list[Held]] = defaultdict(list)
    for job_id, lane, fence, losses, method, rest in await transaction.rows(RUNNING, orphan.owner):
        note = begun.get((job_id, fence))
        is_sent = note is not None or orphan.left is None
        is_barred = is_sent and not may_repeat(method, None if rest is None else orjson.loads(rest))
        fates[fate_of(note, losses, is_barred=is_barred)].append(Held(job_id, lane, losses))
    await meet(transaction, fates)
    return {fate.value: len(held) for fate, held in fates.items()}
