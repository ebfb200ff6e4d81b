"""Where the tasks of the loop wait: those that wait in the same place are told together."""

import asyncio
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.runtime import whereabouts

MOST_GROUPS = 500
MOST_NAMES = 20
"""Of a group."""
UNNAMED = re.compile(r"Task-\d+")
"""A name that asyncio gave."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Tasks that wait in one place. `frames` with their lines, the outermost first; the last is what they wait for."""

    count: int
    actors: Sequence[str]
    """The names they were given, each once; asyncio's own are none."""
    frames: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """All tasks; the largest groups first, and as many as the bound allows."""

    total: int
    groups: Sequence[Waiting]


def standing(tasks: Iterable[asyncio.Task[Any]]) -> Standing:
    """Called on their loop."""
    found: defaultdict[tuple[str, ...], list[str]] = defaultdict(list)
    for task in tasks:
        found[tuple(whereabouts(task))].append(task.get_name())
    groups = sorted(found.items(), key=lambda group: len(group[1]), reverse=True)[:MOST_GROUPS]
    return Standing(
        total=sum(map(len, found.values())),
        groups=[Waiting(count=len(names), actors=_given(names), frames=frames) for frames, names in groups],
    )


def _given(names: Iterable[str]) -> Sequence[str]:
    return sorted({name for name in names if not UNNAMED.fullmatch(name)})[:MOST_NAMES]
