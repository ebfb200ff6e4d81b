"""What is written down while a validation goes on, and made evidence in the end."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import isnan
from pathlib import Path
from time import time

from perf.load.drive import BEGAN
from perf.load.history import ALL, Call
from perf.load.section import Section
from perf.load.verdicts import REFUSED
from perf.sampler import samples
from perf.validate.callers import Book
from perf.validate.evidence import NORMAL, Calls, Evidence, Span
from perf.validate.probe import Lateness, Windows


@dataclass(slots=True)
class Notes:
    """Of one course; times are seconds since it began."""

    began_at: float = field(default_factory=time)
    spans: dict[str, Span] = field(default_factory=dict)
    calls: dict[str, Mapping[str, Calls]] = field(default_factory=dict)
    book: Book = field(default_factory=Book)
    lateness: Lateness = field(default_factory=Lateness)
    flooded: int = 0
    running_most: int | None = None
    guests_most: int | None = None
    starved_s: float | None = None
    limit_source: str | None = None
    completed: int | None = None
    failed: int | None = None

    def now_s(self) -> float:
        return time() - self.began_at

    def users(self, section: Section, folder: Path) -> None:
        """What Locust's users saw, from their coming on."""
        calls = {call.name: call for call in section.calls if call.name != ALL}
        kinds = sorted({name.removesuffix(REFUSED) for name in calls})
        self.calls[NORMAL] = {kind: _of_users(calls.get(kind), calls.get(kind + REFUSED)) for kind in kinds}
        if submits := self.calls[NORMAL].get("submit"):
            self.book.accepted += submits.requests - submits.failures
        for fault in section.faults:
            self.book.faults[f"{fault.name}: {fault.message}"] += fault.times
        if (folder / BEGAN).exists():
            began_s = float((folder / BEGAN).read_text()) - self.began_at
            self.spans[NORMAL] = Span(began_s=began_s, ended_s=began_s)

    def jobs(self, before: Mapping[str, float], after: Mapping[str, float]) -> None:
        """What the service counted; a counter that has not counted yet shows nothing."""
        gained = [int(after.get(name, 0.0) - before.get(name, 0.0)) for name in ("completed", "failed")]
        if before and after and min(gained) >= 0:
            self.completed, self.failed = gained

    def evidence(self, windows: Windows, server: Path) -> Evidence:
        columns = samples(server, began_at=self.began_at)
        return Evidence(
            spans={name: _rounded(span) for name, span in self.spans.items()},
            calls=self.calls,
            server={name: [_known(value) for value in column] for name, column in columns.items()},
            windows=windows.asked,
            answered=windows.answered,
            late_ms=self.lateness.p95_ms,
            starved_s=self.starved_s,
            limit_source=self.limit_source,
            accepted=self.book.accepted,
            completed=self.completed,
            failed=self.failed,
            flooded=self.flooded,
            running_most=self.running_most,
            guests_most=self.guests_most,
            faults=dict(self.book.faults),
        )


def _of_users(call: Call | None, refused: Call | None) -> Calls:
    return Calls(
        requests=call.requests if call else 0,
        failures=call.failures if call else 0,
        refused=refused.requests if refused else 0,
        p95_ms=None if call is None or isnan(call.p95_ms) else call.p95_ms,
    )


def _rounded(span: Span) -> Span:
    return Span(began_s=round(span.began_s, 2), ended_s=round(span.ended_s, 2))


def _known(value: float) -> float | None:
    """JSON knows no nan."""
    return None if isnan(value) else round(value, 4)
