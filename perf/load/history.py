"""What Locust wrote of a run, read back: each second of it, each call's figures, each kind of failure.

A run that was broken off leaves the same files, shorter.
"""

import csv
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from math import nan
from pathlib import Path

from perf.load.verdicts import REFUSED

TOTAL = "Aggregated"
"""As Locust calls it."""
ALL = "all"
WRAPPED = re.compile(r"^CatchResponseError\('(.*)'\)$")
"""So Locust writes what a user said of an answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """One second: users then, calls so far, and what the last ten seconds' answers took."""

    at_s: float
    users: int
    requests: int
    failures: int
    refused: int
    p50_ms: float
    p95_ms: float
    p99_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """All calls of one name, or of all names."""

    name: str
    requests: int
    failures: int
    per_s: float
    p50_ms: float
    p95_ms: float
    p99_ms: float
    most_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One way to fail, and how often it was seen."""

    name: str
    message: str
    times: int


def moments(path: Path, *, began_at: float) -> list[Moment]:
    """One a second; of two that were written in the same second, the later one."""
    found: dict[str, Moment] = {}
    for second, rows in groupby(_rows(path), key=lambda row: row["Timestamp"]):
        written = list(rows)
        if any(row["Name"] == TOTAL for row in written):
            found[second] = _moment(written, float(second) - began_at)
    return list(found.values())


def calls(path: Path) -> list[Call]:
    """The last is of all together."""
    return [
        Call(
            name=ALL if row["Name"] == TOTAL else row["Name"],
            requests=int(row["Request Count"]),
            failures=int(row["Failure Count"]),
            per_s=_number(row["Requests/s"]),
            most_ms=_number(row["Max Response Time"]),
            **_percentiles(row),
        )
        for row in _rows(path)
    ]


def faults(failures: Path, exceptions: Path) -> list[Fault]:
    """Calls that failed, and errors of the users themselves."""
    failed = (
        Fault(name=row["Name"], message=WRAPPED.sub(r"\1", row["Error"]), times=int(row["Occurrences"]))
        for row in _rows(failures)
    )
    raised = (Fault(name="a user", message=row["Message"], times=int(row["Count"])) for row in _rows(exceptions))
    return [*failed, *raised]


def _moment(rows: Sequence[Mapping[str, str]], at_s: float) -> Moment:
    total = next(row for row in reversed(rows) if row["Name"] == TOTAL)
    refused = {row["Name"]: int(row["Total Request Count"]) for row in rows if row["Name"].endswith(REFUSED)}
    return Moment(
        at_s=at_s,
        users=int(total["User Count"]),
        requests=int(total["Total Request Count"]),
        failures=int(total["Total Failure Count"]),
        refused=sum(refused.values()),
        **_percentiles(total),
    )


def _percentiles(row: Mapping[str, str]) -> dict[str, float]:
    """Zero is what Locust writes where nothing was answered."""
    return {f"p{part}_ms": _number(row[f"{part}%"]) or nan for part in (50, 95, 99)}


def _number(text: str) -> float:
    return nan if text == "N/A" else float(text)


def _rows(path: Path) -> Iterable[dict[str, str]]:
    """Only whole ones: whoever was killed may have been in the middle of a line."""
    if not path.exists():
        return
    with path.open(newline="") as file:
        for row in csv.DictReader(file):
            if None not in row.values():
                yield row
