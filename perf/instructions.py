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
from time import monotonic
from types import MappingProxyType

from perf.kernels.kernel import NEED_JOBS, ROUNDS
from perf.process import ROOT, ProcessError

WITHIN_S = 1_800.0
"""All of them, where nothing else is said: about 100 s of processor time."""
MADE_WITHIN_S = 120.0
AT_ONCE = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Counter:
    """A program that counts the instructions of another, and how it tells them."""

    name: str
    command: tuple[str, ...]
    told: re.Pattern[str]

    def count(self, command: Sequence[str], *, cwd: Path = ROOT, within_s: float = WITHIN_S) -> int:
        """ProcessError where the command fails or is late, or nothing is told."""
        environment = {**os.environ, "PYTHONPATH": str(cwd), "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
        ran = _ran((*self.command, *command), cwd=cwd, env=environment, within_s=within_s)
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


def counted(
    by: Counter, *, names: Sequence[str] = tuple(ROUNDS), tree: Path = ROOT, within_s: float = WITHIN_S
) -> Mapping[str, float]:
    """Instructions a round of each kernel, with that tree's engine. ProcessError where that takes longer."""
    until = monotonic() + within_s
    with TemporaryDirectory() as folder, ThreadPoolExecutor(AT_ONCE) as pool:
        jobs = Path(folder) / "jobs.db"
        if NEED_JOBS & set(names):
            _python(tree, "perf.kernels.jobs", str(2 * max(ROUNDS[name] for name in NEED_JOBS)), str(jobs))
        # The longest first, so that the last to be done is short.
        by_length = sorted(names, key=lambda name: name not in NEED_JOBS)
        return MappingProxyType(dict(pool.map(partial(_a_round, by, tree, jobs, until), by_length)))


def _a_round(by: Counter, tree: Path, jobs: Path, until: float, name: str) -> tuple[str, float]:
    rounds = ROUNDS[name]
    counts = []
    for count in (rounds, 2 * rounds):
        with TemporaryDirectory() as folder:
            file = Path(folder) / "jobs.db"
            if name in NEED_JOBS:
                shutil.copy(jobs, file)
            command = (sys.executable, "-m", "perf.kernels", name, str(count), str(file))
            counts.append(by.count(command, cwd=tree, within_s=max(1.0, until - monotonic())))
    return name, (counts[1] - counts[0]) / rounds


def _works(tried: Counter) -> bool:
    if shutil.which(tried.command[0]) is None:
        return False
    try:
        return tried.count(("true",)) > 0
    except ProcessError:
        return False


def _python(tree: Path, module: str, *args: str) -> None:
    environment = {**os.environ, "PYTHONPATH": str(tree)}
    ran = _ran((sys.executable, "-m", module, *args), cwd=tree, env=environment, within_s=MADE_WITHIN_S)
    if ran.returncode:
        raise ProcessError(f"{module} failed:\n{ran.stderr[-2000:]}")


def _ran(
    command: Sequence[str], *, cwd: Path, env: Mapping[str, str], within_s: float
) -> subprocess.CompletedProcess[str]:
    try:
        return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=within_s, check=False)
    except subprocess.TimeoutExpired:
        raise ProcessError(f"{command[0]} was not done within {within_s:.0f} s") from None
