"""How the room of a claim is shared among the lanes whose turn it is."""

from collections.abc import Iterable, Sequence
from itertools import chain, zip_longest
from typing import TypeVar

T = TypeVar("T")


def share(room: int, waiting: Iterable[int]) -> int:
    """How many each lane may give at the most, so that all together fill the room, or leave nothing."""
    levels = sorted(waiting)
    each = 0
    for place, level in enumerate(levels):
        lanes = len(levels) - place
        if (level - each) * lanes >= room:
            return each - (-room // lanes)
        room -= (level - each) * lanes
        each = level
    return each


def in_turn(lanes: Iterable[Sequence[T]], room: int) -> list[T]:
    """One of each lane, then another of each, up to the room."""
    rounds = zip_longest(*lanes)
    return [taken for taken in chain.from_iterable(rounds) if taken is not None][:room]
