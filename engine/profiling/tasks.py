"""Where the tasks of the loop wait: those that wait in the same place are told together."""

import asyncio
import gc
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from types import AsyncGeneratorType, FrameType, MappingProxyType
from typing import Any

MOST_GROUPS = 500
MOST_NAMES = 20
"""Of a group."""
DEEPEST = 100
UNNAMED = re.compile(r"Task-\d+")
"""A name that asyncio gave."""
ATTRIBUTES = (("cr_frame", "cr_await"), ("gi_frame", "gi_yieldfrom"), ("ag_frame", "ag_await"))
"""Of coroutines, generators and asynchronous generators: where one stands, and what it waits for."""

STEPS = frozenset({"async_generator_asend", "async_generator_athrow"})
RUNNING = "(running)"
"""Or about to: it waits for nothing."""
ENDS = MappingProxyType({"FutureIter": "(a future)"})


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
        found[tuple(_frames(task))].append(task.get_name())
    groups = sorted(found.items(), key=lambda group: len(group[1]), reverse=True)[:MOST_GROUPS]
    return Standing(
        total=sum(map(len, found.values())),
        groups=[Waiting(count=len(names), actors=_given(names), frames=frames) for frames, names in groups],
    )


def _given(names: Iterable[str]) -> Sequence[str]:
    return sorted({name for name in names if not UNNAMED.fullmatch(name)})[:MOST_NAMES]


def _frames(task: asyncio.Task[Any]) -> Iterator[str]:
    awaited: Any = task.get_coro()
    for _ in range(DEEPEST):
        of = next((each for each in ATTRIBUTES if hasattr(awaited, each[1])), None)
        if of is None:
            break
        frame: FrameType | None = getattr(awaited, of[0])
        if frame is not None:
            yield _told(frame)
        awaited = _within(getattr(awaited, of[1]))
    yield RUNNING if awaited is None else ENDS.get(type(awaited).__name__, type(awaited).__name__)


def _within(awaited: Any) -> Any:
    """A step of an asynchronous generator does not say whose it is, but holds it."""
    if type(awaited).__name__ not in STEPS:
        return awaited
    return next((each for each in gc.get_referents(awaited) if isinstance(each, AsyncGeneratorType)), awaited)


def _told(frame: FrameType) -> str:
    return f"{frame.f_globals.get('__name__', '?')}:{frame.f_code.co_qualname}:{frame.f_lineno}"
