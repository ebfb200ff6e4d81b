"""What becomes of the jobs of a process that died. Pure.

A death is held against a job only where its fetch had begun, as the journal of that process tells. Where there is no
journal to be trusted, after a machine lost its power for one, what must not be sent again may have been sent.
"""

from enum import StrEnum, auto

from engine.jobs.losses import after_loss, is_poison
from engine.storage.slots import Begun


class Fate(StrEnum):
    """What becomes of a job whose process is gone."""

    UNHARMED = auto()
    LOST_IN_COMPANY = auto()
    LOST_ALONE = auto()
    UNREPEATABLE = auto()
    POISON = auto()


def fate_of(note: Begun | None, losses: int, *, is_barred: bool) -> Fate:
    """`is_barred`: it may have been sent, and must not be sent again."""
    if is_barred:
        return Fate.UNREPEATABLE
    if note is None:
        return Fate.UNHARMED
    if note.alone and is_poison(after_loss(losses, alone=True)):
        return Fate.POISON
    return Fate.LOST_ALONE if note.alone else Fate.LOST_IN_COMPANY
