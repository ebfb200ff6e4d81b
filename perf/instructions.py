"""How many instructions one round of a kernel takes: a witness that the machine's other work does not move.

Counted over N rounds and over twice as many, so that the start falls out of the difference. By valgrind where there is
one, else by the processor's own counter, else not at all.
"""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType

from perf.kernels.kernel import NEED_JOBS, ROUNDS
from perf.process import ROOT, ProcessError

WITHIN_S = 240
AT_ONCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A program that counts the instructions of another, and how it tells them."""

    name: str
    command: tuple[str, ...]
    told: re.Pattern[str]

    def count(self, command: Sequence[str], *, cwd: Path = ROOT) -> int:
        """ProcessError where the command fails, or nothing is told."""
        environment = {**os.environ, "PYTHONPATH": str(cwd), "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        ran = subprocess.run(
            (*self.command, *command),
            cwd=cwd,
            env=environment,
            capture_output=True,
            text=True,
            timeout=WITHIN_S,
            check=False,
        )
        found = self.told.search(ran.stderr)
        if ran.returncode or found is None:
            raise ProcessError(f"{' '.join(command)} could not be counted:\n{ran.stderr[-2000:]}")
        return int(found[1].replace(",", ""))


_VALGRIND = Counter(
    name="valgrind",
    command=("valgrind", "--tool=cachegrind", "--cache-sim=no", f"--cachegrind-out-file={os.devnull}"),
    told=re.compile(r"I\s+refs:\s+([\d,]+)"),
)
_PERF = Counter(
    name="perf",
    command=("perf", "stat", "-x;", "-e", "instructions:u"),
    told=re.compile(r"^(\d+);[^;]*;instructions:u", re.MULTILINE),
)


def counter() -> Counter | None:
    """The first of them that works on this machine."""
    return next(filter(_works, (_VALGRIND, _PERF)), None)


def counted(by: Counter, *, names: Sequence[str] = tuple(ROUNDS), tree: Path = ROOT) -> Mapping[str, float]:
    """Instructions a round of each kernel, with that tree's engine."""
    with TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = Path(folder) / "jobs.db"
        if NEED_JOBS & set(names):
            _python(tree, "perf.kernels.jobs", str(2 * max(ROUNDS[name] for name in NEED_JOBS)), str(jobs))
        # The longest first, so that the last to be done is short.
        by_length = sorted(names, key=lambda name: name not in NEED_JOBS)
        return MappingProxyType(dict(pool.map(partial(_a_round, by, tree, jobs), by_length)))


def _a_round(by: Counter, tree: Path, jobs: Path, name: str) -> tuple[str, float]:
    rounds = ROUNDS[name]
    once, twice = (_count(by, tree, jobs, name, count) for count in (rounds, 2 * rounds))
    return name, (twice - once) / rounds


def _count(by: Counter, tree: Path, jobs: Path, name: str, rounds: int) -> int:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "jobs.db"
        if name in NEED_JOBS:
            shutil.copy(jobs, file)
        return by.count((sys.executable, "-m", "perf.kernels", name, str(rounds), str(file)), cwd=tree)


def _works(tried: Counter) -> bool:
    if shutil.which(tried.command[0]) is None:
        return False
    try:
        return tried.count(("true",)) > 0
    except (OSError, subprocess.SubprocessError, ProcessError):
        return False


def _python(tree: Path, module: str, *args: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    ran = subprocess.run(
        (sys.executable, "-m", module, *args),
        cwd=tree,
        env=environment,
        capture_output=True,
        text=True,
        timeout=WITHIN_S,
        check=False,
    )
    if ran.returncode:
        raise ProcessError(f"{module} failed:\n{ran.stderr[-2000:]}")
