"""Takes back what a dead process had: at once, for a file has one owner, and whoever opens it knows the last is gone.

A death is held against a job only where its fetch had begun, as the journal of that process tells. Where there is no
journal to be trusted, after a machine lost its power for one, what must not be sent again may have been sent.

A death with no suspect alone in hand acquits: deaths before it in which a suspect was alone are held against none.
"""

from collections import defaultdict
from collections.abc import Mapping
from enum import StrEnum, auto

from engine.jobs.losses import LOST, POISONED, after_loss, is_poison
from engine.jobs.outcome import ErrorType
from engine.storage.slots import Begun, Left
from engine.storage.sqlite.leases import Held, give_up, lose, may_repeat, take_back
from engine.storage.sqlite.suspects import acquit, line_up
from engine.storage.sqlite.transaction import Transaction

RUNNING = """
    SELECT json_group_array(json_array(id, lane, fence, losses, method, json(request)))
    FROM jobs WHERE status = 'running' AND lease_until IS NOT NULL
"""


class Fate(StrEnum):
    """What becomes of a job whose process is gone."""

    UNHARMED = auto()
    LOST_IN_COMPANY = auto()
    LOST_ALONE = auto()
    UNREPEATABLE = auto()
    POISON = auto()


def recover(transaction: Transaction, left: Left | None) -> Mapping[str, int]:
    """`left` is what the dead had in hand, None if nobody knows. Says how many jobs met which fate."""
    if left is None or left.acquits:
        acquit(transaction)
    begun = {(each.job_id, each.fence): each for each in (left.begun if left else ())}
    fates: dict[Fate, list[Held]] = defaultdict(list)
    for job_id, lane, fence, losses, method, rest in transaction.parsed(RUNNING):
        note = begun.get((job_id, fence))
        is_sent = note is not None or left is None
        fates[_fate(note, losses, is_barred=is_sent and not may_repeat(method, rest))].append(
            Held(job_id, lane, losses)
        )
    found = {fate.value: len(held) for fate, held in fates.items()}
    _meet(transaction, fates)
    line_up(transaction)
    return found


def _fate(note: Begun | None, losses: int, *, is_barred: bool) -> Fate:
    """`is_barred`: it may have been sent, and must not be sent again."""
    if is_barred:
        return Fate.UNREPEATABLE
    if note is None:
        return Fate.UNHARMED
    if note.alone and is_poison(after_loss(losses, alone=True)):
        return Fate.POISON
    return Fate.LOST_ALONE if note.alone else Fate.LOST_IN_COMPANY


def _meet(transaction: Transaction, fates: dict[Fate, list[Held]]) -> None:
    take_back(transaction, fates[Fate.UNHARMED])
    lose(transaction, fates[Fate.LOST_IN_COMPANY])
    lose(transaction, fates[Fate.LOST_ALONE], alone=True)
    give_up(transaction, fates[Fate.UNREPEATABLE], ErrorType.CONNECTION_LOST, LOST)
    give_up(transaction, fates[Fate.POISON], ErrorType.POISON, POISONED, alone=True)
