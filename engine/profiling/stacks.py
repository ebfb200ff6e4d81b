"""Stacks that were seen, each with how often: folded, and no more of them than a bound.

A stack is kept as the identities of its code objects; words are made of them once, when nobody is sampled any more.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from types import CodeType, FrameType

from engine.profiling.waits import is_wait

MOST_STACKS = 4_000
"""Different ones. More are counted, and not told apart: some 10 MB at the most, and a few in use."""
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
        self._codes: dict[int, tuple[CodeType, str]] = {}

    def add(self, thread: str, innermost: FrameType) -> None:
        ids: list[int] = []
        frame: FrameType | None = innermost
        while frame is not None and len(ids) < DEEPEST:
            code = frame.f_code
            ids.append(id(code))
            if id(code) not in self._codes:
                self._codes[id(code)] = code, str(frame.f_globals.get("__name__", "?"))
            frame = frame.f_back
        key = thread, tuple(ids)
        if key in self._seen or len(self._seen) < self._most:
            self._seen[key] += 1
        else:
            self.dropped += 1

    def folded(self) -> Folded:
        """The most frequent first."""
        places = {each: place for place, each in enumerate(self._codes)}
        names = [f"{module}:{code.co_qualname}" for code, module in self._codes.values()]
        stacks = [
            Stack(
                thread=thread,
                frames=[places[each] for each in reversed(ids)],
                is_idle=is_wait(*self._codes[ids[0]]),
                samples=samples,
            )
            for (thread, ids), samples in self._seen.most_common()
        ]
        return Folded(names=names, stacks=stacks, dropped=self.dropped)
