"""One scenario as it went, read from its folder: the same second is the same second for users and server."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from math import isnan, nan
from pathlib import Path
from typing import Any, Self

from perf.load.drive import BEGAN, CSV, SERVER
from perf.load.history import Call, Fault, Moment, calls, faults, moments
from perf.load.shapes import Shape
from perf.load.verdicts import REFUSED
from perf.sampler import samples

MEBIBYTE = 1024 * 1024
OVER_S = 5.0
"""A rate is what came in the last so many seconds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What users saw, and what the server showed."""

    name: str
    shape: Shape
    is_complete: bool
    moments: Sequence[Moment]
    calls: Sequence[Call]
    faults: Sequence[Fault]
    server: dict[str, list[float]]
    """Its columns, and their seconds as `at_s`."""

    @classmethod
    def read(cls, folder: Path, *, shape: Shape, is_complete: bool) -> Self:
        """Where no user ever came, there is nothing in it."""
        began = folder / BEGAN
        began_at = float(began.read_text()) if began.exists() else nan
        return cls(
            name=folder.name,
            shape=shape,
            is_complete=is_complete,
            moments=moments(folder / f"{CSV}_stats_history.csv", began_at=began_at),
            calls=calls(folder / f"{CSV}_stats.csv"),
            faults=faults(folder / f"{CSV}_failures.csv", folder / f"{CSV}_exceptions.csv"),
            server=samples(folder / SERVER, began_at=began_at),
        )

    def shown(self, name: str) -> list[float]:
        """A column of the server's; nothing but nan where it shows no such thing."""
        return self.server.get(name) or [nan] * len(self.server["at_s"])

    def rate_of(self, name: str) -> list[float]:
        return rates(self.server["at_s"], self.shown(name))

    def lag_ms(self) -> list[float]:
        """The mean of what was measured between two samples."""
        took, times = _steps(self.shown("lag_s")), _steps(self.shown("lags"))
        return [1000 * lag / count if count > 0 else nan for lag, count in zip(took, times, strict=True)]

    def numbers(self) -> dict[str, Any]:
        total = self.calls[-1] if self.calls else None
        return {
            "is_complete": self.is_complete,
            "shape": asdict(self.shape),
            "seconds": round(self.moments[-1].at_s) if self.moments else 0,
            "users_most": max((moment.users for moment in self.moments), default=0),
            "requests": total.requests if total else 0,
            "failures": total.failures if total else 0,
            "refused": sum(call.requests for call in self.calls if call.name.endswith(REFUSED)),
            "calls": {call.name: _told(call) for call in self.calls},
            "faults": [asdict(fault) for fault in self.faults],
            "server": self._server(),
        }

    def broken(self) -> list[str]:
        """A call that fails is a failure; so is a scenario that did not come to its end."""
        times = sum(fault.times for fault in self.faults)
        found = [f"{self.name}: {times} failures"] if times else []
        return found if self.is_complete else [*found, f"{self.name}: broken off"]

    def _server(self) -> dict[str, float | None]:
        cpu = self.rate_of("cpu_s")
        return {
            "pages": _gained(self.shown("pages")),
            "jobs_failed": _gained(self.shown("failed")),
            "pages_per_s_most": _most(self.rate_of("pages")),
            "queue_most": _most(self.shown("queue")),
            "rss_mib_most": _most([each / MEBIBYTE for each in self.shown("rss_bytes")]),
            "cpu_percent_mean": _mean([100 * each for each in cpu]),
            "cpu_percent_most": _most([100 * each for each in cpu]),
            "loop_lag_ms_most": _most(self.lag_ms()),
        }


def rates(at_s: Sequence[float], totals: Sequence[float]) -> list[float]:
    """A second, over the last few seconds; none at the first point, and none where a total is not known."""
    found = []
    for number, at in enumerate(at_s):
        since = bisect_left(at_s, at - OVER_S)
        took_s = at - at_s[since]
        found.append((totals[number] - totals[since]) / took_s if took_s > 0 else nan)
    return found


def _steps(totals: Sequence[float]) -> list[float]:
    return [nan, *(late - early for early, late in pairwise(totals))][: len(totals)]


def _known(values: Sequence[float]) -> list[float]:
    return [value for value in values if not isnan(value)]


def _gained(totals: Sequence[float]) -> float | None:
    return round(known[-1] - known[0]) if (known := _known(totals)) else None


def _mean(values: Sequence[float]) -> float | None:
    return round(sum(known) / len(known), 1) if (known := _known(values)) else None


def _most(values: Sequence[float]) -> float | None:
    return round(max(known), 1) if (known := _known(values)) else None


def _told(call: Call) -> dict[str, float | None]:
    """JSON knows no nan."""
    figures = {name: value for name, value in asdict(call).items() if name != "name"}
    return {name: None if isnan(value) else round(value, 2) for name, value in figures.items()}
