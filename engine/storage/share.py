"""How the room of a claim is shared among the lanes whose turn it is, and the room of a batch among its lanes."""

from collections.abc import Iterable, Mapping, Sequence
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


def shares(room: int, waiting: Sequence[int]) -> list[int]:
    """How many each lane gives when all give in turn until the room is full."""
    each = share(room, waiting)
    given = [min(count, each) for count in waiting]
    short = room - sum(given)
    for place in reversed(range(len(given))):  # the last round goes to the first lanes
        if short < 0 and given[place] == each:
            given[place] -= 1
            short += 1
    return given


def allowances(lanes: Iterable[tuple[str, int, str | None]], free: Mapping[str, int]) -> dict[str, int]:
    """How many each lane of a limited batch may give, so that together they keep within its free room.

    `lanes` are (lane, jobs that wait, its batch if limited) in turn.
    """
    of_batch: dict[str, dict[str, int]] = {}
    for lane, queued, batch_id in lanes:
        if batch_id is not None:
            of_batch.setdefault(batch_id, {})[lane] = queued
    found: dict[str, int] = {}
    for batch_id, waiting in of_batch.items():
        found.update(zip(waiting, shares(free[batch_id], list(waiting.values())), strict=True))
    return found


def lanes_each(room: int, batches: int) -> int:
    """How many lanes of each batch with free room a claim looks at: about as many together as it takes jobs."""
    return -(-room // batches)


def in_turn(lanes: Iterable[Sequence[T]], room: int) -> list[T]:
    """One of each lane, then another of each, up to the room."""
    rounds = zip_longest(*lanes)
    return [taken for taken in chain.from_iterable(rounds) if taken is not None][:room]
