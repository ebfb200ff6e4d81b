"""What memory was like over the last hour, and what was done about it. Its own size is bounded."""

from collections import deque
from dataclasses import dataclass, replace

SPAN_S = 3600.0
EVERY_S = 10.0
MOST_ACTIONS = 256
"""A ladder that never rests takes a quarter of an hour for so many."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """The fullest moment of some seconds; `at` is in epoch seconds."""

    at: float
    used_bytes: int
    limit_bytes: int
    level: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """A step of the ladder, or its undoing, with the numbers it was taken on."""

    at: float
    name: str
    is_undone: bool
    level: int
    """After it."""
    used_bytes: int
    limit_bytes: int
    stalled_percent: float | None


class History:
    """Remembers the last hour."""

    def __init__(self) -> None:
        self._samples: deque[Sample] = deque(maxlen=int(SPAN_S / EVERY_S))
        self._actions: deque[Action] = deque(maxlen=MOST_ACTIONS)

    def saw(self, sample: Sample) -> None:
        last = self._samples[-1] if self._samples else None
        if last is None or not 0 <= sample.at - last.at < EVERY_S:
            self._samples.append(sample)
        elif sample.used_bytes * last.limit_bytes >= last.used_bytes * sample.limit_bytes:
            self._samples[-1] = replace(sample, at=last.at)

    def did(self, action: Action) -> None:
        self._actions.append(action)

    def samples(self, now: float) -> tuple[Sample, ...]:
        """Oldest first."""
        return tuple(each for each in self._samples if each.at > now - SPAN_S)

    def actions(self, now: float) -> tuple[Action, ...]:
        """Oldest first; of a very restless hour the last ones."""
        return tuple(each for each in self._actions if each.at > now - SPAN_S)
