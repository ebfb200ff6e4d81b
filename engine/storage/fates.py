"""What becomes of the jobs of a process that died, or whose leases ended. Pure.

A death is held against a job only where its fetch had begun, as the journal of that process tells. Where there is no
journal to be trusted, after a machine lost its power for one, what must not be sent again may have been sent.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum, auto
from typing import NamedTuple

from engine.jobs.losses import after_loss, counts_at_end, is_poison, is_suspect
from engine.storage.held import Held
from engine.storage.slots import Begun


class Fate(StrEnum):
    """What becomes of a job whose process is gone."""

    UNHARMED = auto()
    LOST_IN_COMPANY = auto()
    LOST_ALONE = auto()
    UNREPEATABLE = auto()
    POISON = auto()


class Ended(NamedTuple):
    """A job whose lease has ended."""

    held: Held
    alone: bool
    """Was it written down that its fetch began with nothing else in hand?"""
    is_barred: bool
    """It must not be sent again, if it was sent."""


def fate_of(note: Begun | None, losses: int, *, is_barred: bool) -> Fate:
    """`is_barred`: it may have been sent, and must not be sent again."""
    if is_barred:
        return Fate.UNREPEATABLE
    if note is None:
        return Fate.UNHARMED
    if note.alone and is_poison(after_loss(losses, alone=True)):
        return Fate.POISON
    return Fate.LOST_ALONE if note.alone else Fate.LOST_IN_COMPANY


def fates_of(ended: Iterable[Ended]) -> Mapping[Fate, Sequence[Held]]:
    """Of those whose leases ended together: what may have been sent was, the rest engine.jobs.losses decides."""
    fates: dict[Fate, list[Held]] = defaultdict(list)
    suspects = 0
    for held, alone, is_barred in sorted(ended):
        if is_barred:
            fates[Fate.UNREPEATABLE].append(held)
        elif not counts_at_end(held.losses, alone=alone, suspects=suspects):
            fates[Fate.UNHARMED].append(held)
        elif alone:
            fates[Fate.POISON if is_poison(after_loss(held.losses, alone=True)) else Fate.LOST_ALONE].append(held)
        else:
            fates[Fate.LOST_IN_COMPANY].append(held)
            suspects += is_suspect(after_loss(held.losses, alone=False))
    return fates
