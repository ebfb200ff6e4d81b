"""All that was seen of one validation; what is judged is judged by this alone.

It goes to JSON and back without a loss, so that it can be judged again.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from itertools import pairwise
from typing import Any, Self

NORMAL, SLOW, READS, LOAD, REST = "normal", "slow", "reads", "load", "rest"


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One phase, in seconds since the first of all."""

    began_s: float
    ended_s: float

    @property
    def lasts_s(self) -> float:
        return self.ended_s - self.began_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """All calls of one kind in one phase; one that failed counts as one that took as long as can be."""

    requests: int
    failures: int
    refused: int
    p95_ms: float | None = None
    server_p95_ms: float | None = None
    """By the service's own histogram: the lower edge of the bucket in which it lies."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Where nothing was seen, there is nothing."""

    spans: Mapping[str, Span] = field(default_factory=dict)
    calls: Mapping[str, Mapping[str, Calls]] = field(default_factory=dict)
    """By phase and kind."""
    server: Mapping[str, Sequence[float | None]] = field(default_factory=dict)
    """What the service's own process showed, each second of `at_s`."""
    windows: int = 0
    """Of one second each, in which its health was asked for."""
    answered: int = 0
    """Windows in which it answered."""
    late_ms: float | None = None
    """How late the tester itself came back to what it did, under load (p95): so much slower the service seems."""
    starved_s: float | None = None
    """For how long the service's loop could have run under load, but had no processor; None where nobody tells."""
    limit_source: str | None = None
    """Who limits the service's memory, as it says itself."""
    accepted: int = 0
    """Jobs that were answered 202."""
    flooded: int = 0
    """Of those, in the flood of the warm-up."""
    completed: int | None = None
    failed: int | None = None
    """Jobs, by the service's own count; None where it does not tell, or began anew."""
    running_most: int | None = None
    """Fetches at once, as the service tells."""
    guests_most: int | None = None
    """And as the site saw them; None where it does not tell."""
    faults: Mapping[str, int] = field(default_factory=dict)
    """Ways to fail, and how often each was seen."""

    def all_calls(self) -> Sequence[Calls]:
        return [calls for kinds in self.calls.values() for calls in kinds.values()]

    def column(self, name: str, span: str | None = None) -> list[tuple[float, float]]:
        """Moments and values that are known, of one phase or of all."""
        within = self.spans.get(span) if span else Span(began_s=float("-inf"), ended_s=float("inf"))
        found = zip(self.server.get("at_s", ()), self.server.get(name, ()), strict=False)
        return [
            (at, value)
            for at, value in found
            if within and at is not None and value is not None and within.began_s <= at <= within.ended_s
        ]

    def gained(self, name: str, span: str | None = None) -> tuple[float, float] | None:
        """What a counter gained, and in how many seconds; None where it is not known, or began anew."""
        points = self.column(name, span)
        if len(points) < 2 or any(later < earlier for (_, earlier), (_, later) in pairwise(points)):
            return None
        return points[-1][1] - points[0][1], points[-1][0] - points[0][0]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_json(cls, told: Mapping[str, Any]) -> Self:
        spans = {name: Span(**span) for name, span in told["spans"].items()}
        calls = {phase: {kind: Calls(**each) for kind, each in kinds.items()} for phase, kinds in told["calls"].items()}
        return cls(**{**told, "spans": spans, "calls": calls})
