"""Stacks that were seen, each with how often: folded, and no more of them than a bound.

A stack is kept as the places of its code objects in a list; words are made of them once, when sampling is over.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from types import CodeType, FrameType

from engine.profiling.waits import is_wait

MOST_STACKS = 4_000
"""Different ones, some 4 MB at the most. Further ones are counted, and not told apart."""
DEEPEST = 100
"""Of one, from the inside; what called that is left out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """One that was seen. `frames` are places in the list of names, the outermost first."""

    thread: str
    frames: Sequence[int]
    is_idle: bool
    """Did its thread wait for something to do?"""
    samples: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Folded:
    """All that was seen; `dropped` were samples of stacks beyond the bound."""

    names: Sequence[str]
    stacks: Sequence[Stack]
    dropped: int


class Stacks:
    """Counts stacks as they are seen."""

    def __init__(self, *, most: int = MOST_STACKS) -> None:
        self.dropped = 0
        self._most = most
        self._seen: Counter[tuple[str, tuple[int, ...]]] = Counter()
        self._codes: list[tuple[CodeType, str]] = []
        self._places: dict[int, int] = {}

    def add(self, thread: str, innermost: FrameType) -> None:
        places: list[int] = []
        frame: FrameType | None = innermost
        while frame is not None and len(places) < DEEPEST:
            place = self._places.get(id(frame.f_code))
            places.append(self._placed(frame) if place is None else place)
            frame = frame.f_back
        key = thread, tuple(places)
        if key in self._seen or len(self._seen) < self._most:
            self._seen[key] += 1
        else:
            self.dropped += 1

    def folded(self) -> Folded:
        """The most frequent first."""
        stacks = [
            Stack(thread=thread, frames=places[::-1], is_idle=is_wait(*self._codes[places[0]]), samples=samples)
            for (thread, places), samples in self._seen.most_common()
        ]
        names = [f"{module}:{code.co_qualname}" for code, module in self._codes]
        return Folded(names=names, stacks=stacks, dropped=self.dropped)

    def _placed(self, frame: FrameType) -> int:
        """Its code is held from now on, so that no other comes to have its identity."""
        place = self._places[id(frame.f_code)] = len(self._codes)
        self._codes.append((frame.f_code, str(frame.f_globals.get("__name__", "?"))))
        return place
