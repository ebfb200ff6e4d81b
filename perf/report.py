"""What a scenario found, with all that is needed to judge and repeat it.

A result always names its machine and commit; it is written once, under a name of its own.
"""

import os
import platform
import sqlite3
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from perf.pairs import Pairs
from perf.process import ROOT

RESULTS = ROOT / "perf" / "results"
CPU_FACTS = Path("/proc/cpuinfo")


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """Where a measurement was taken; `cores` are those this process may use."""

    cpu: str
    cores: int
    python: str
    sqlite: str


def this_machine() -> Machine:
    return Machine(
        cpu=_cpu_model(),
        cores=len(os.sched_getaffinity(0)),
        python=platform.python_version(),
        sqlite=sqlite3.sqlite_version,
    )


def this_commit(*, checkout: Path = ROOT) -> str:
    """The commit's hash, with `-dirty` behind it when files differ; "unknown" outside a repository."""
    command = ("git", "--no-optional-locks", "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*")
    try:
        told = subprocess.run(command, cwd=checkout, capture_output=True, text=True, timeout=10, check=True)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return told.stdout.strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """One scenario's numbers under its settings."""

    scenario: str
    settings: Mapping[str, Any]
    numbers: Mapping[str, Any]
    pairs: Mapping[str, Pairs] = field(default_factory=dict)
    """What was measured on two sides in turn, each single pair of it."""
    broken: Sequence[str] = ()
    """What was promised and did not hold, a sentence each."""
    machine: Machine = field(default_factory=this_machine)
    commit: str = field(default_factory=this_commit)
    taken_at: datetime = field(default_factory=lambda: datetime.now(UTC))


def written(result: Result, *, folder: Path = RESULTS) -> Path:
    """Write the result as JSON: the file's path. FileExistsError rather than another result lost."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{result.scenario}-{result.taken_at:%Y%m%dT%H%M%S.%f}.json"
    with path.open("xb") as file:
        file.write(as_json(result))
    return path


def as_json(result: Result) -> bytes:
    return orjson.dumps(result, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def read(path: Path) -> Result:
    """What was written. ValueError where it is no result."""
    try:
        told = orjson.loads(path.read_bytes())
        told["machine"] = Machine(**told["machine"])
        told["taken_at"] = datetime.fromisoformat(told["taken_at"])
        told["pairs"] = {name: Pairs(**pairs) for name, pairs in told.get("pairs", {}).items()}
        return Result(**told)
    except (KeyError, TypeError, ValueError) as error:
        raise ValueError(f"{path} is no result: {error}") from error


def _cpu_model() -> str:
    lines = CPU_FACTS.read_text().splitlines() if CPU_FACTS.exists() else []
    named = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(named, platform.machine())
