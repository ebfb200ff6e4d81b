"""What a test saw: a moment a second, each decision, the jobs of each phase. All that is judged and drawn is in it."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from perf.autoscale.controller import Decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A deployment now. `value` is the metric as its scaler sees it; None where that does not know it."""

    wanted: int
    ready: int
    value: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """`submitted` is of all jobs so far; `submit_ms` of the last submit."""

    at_s: float
    standing: Standing
    submitted: int
    queued: int
    running: int
    submit_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    name: str
    began_s: float
    ended_s: float
    is_over: bool
    """What it waits for has come."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """Of the jobs whose submit was acknowledged: where they are now. None: the site could not be asked."""

    acknowledged: int
    lost: int
    open: int
    failed: int
    completed: int
    listed: int
    """As completed, whoever submitted them."""
    counted: int
    """The same by the figures that are kept and not counted anew: more, if one was settled twice."""
    site_missed: int | None
    site_again: int | None
    waits: Sequence[tuple[float, float]] = ()
    """When single jobs ended, by the wall clock, and how long after their submit, in seconds."""


@dataclass(slots=True, kw_only=True)
class Record:
    """Grows while the test goes on."""

    moments: list[Moment] = field(default_factory=list)
    decisions: list[Decision] = field(default_factory=list)
    phases: list[Phase] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)
    account: Account | None = None

    def replicas(self) -> int:
        """That were told at last."""
        if self.decisions:
            return self.decisions[-1].replicas
        return self.moments[-1].standing.wanted if self.moments else 0

    def changes(self) -> list[tuple[float, int]]:
        """When, and by how much, the replicas that were told changed."""
        pairs = zip(self.moments, self.moments[1:], strict=False)
        steps = [(b.at_s, b.standing.wanted - a.standing.wanted) for a, b in pairs]
        return [(at_s, step) for at_s, step in steps if step]
