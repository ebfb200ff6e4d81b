"""Where a task waits, frame by frame, as nothing but its own coroutines can tell."""

import asyncio
import gc
from collections.abc import Iterator
from types import AsyncGeneratorType, FrameType, MappingProxyType
from typing import Any

DEEPEST = 100
ATTRIBUTES = (("cr_frame", "cr_await"), ("gi_frame", "gi_yieldfrom"), ("ag_frame", "ag_await"))
"""Of coroutines, generators and asynchronous generators: where one stands, and what it waits for."""

STEPS = frozenset({"async_generator_asend", "async_generator_athrow"})
RUNNING = "(running)"
"""Or about to: it waits for nothing."""
ENDS = MappingProxyType({"FutureIter": "(a future)"})


def whereabouts(task: asyncio.Task[Any]) -> Iterator[str]:
    """Its frames with their lines, the outermost first; the last is what it waits for. Called on its loop."""
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
