"""The daemon, but that what takes minutes takes moments: times are short, and a recorded leak is seen once more.

Its memory is what the folder MACHINE shows, as a kernel would. To fetch a URL with `crash` in it kills a fetcher.

`python -m tests.flow.hurried serve`"""

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from actors.__main__ import main
from engine.fetch.client import Client
from engine.fetch.limits import Limits
from engine.jobs.outcome import Outcome
from engine.jobs.pace import EAGER
from engine.jobs.ports import Credit, Sink
from engine.jobs.request import Request
from engine.memory.kernel_files import KernelFiles
from engine.memory.ladder import Ladder, Times
from engine.memory.leaks import Sample
from engine.storage.postgres import PoolLimits
from tests.engine.memory.recordings import series
from tests.engine.memory.trees import MEBIBYTE

MACHINE = "MACHINE"
STAT = Path("sys/fs/cgroup/app/memory.stat")
TRIMMED_BYTES = 2 * MEBIBYTE
HURRIED = Times(up_s=0.1, down_s=0.1)


class CrashingClient(Client):
    async def __call__(self, request: Request, *, timeout_s: float, sink: Sink, credit: Credit) -> Outcome:
        if "crash" in request.url:
            raise RuntimeError("as it was told")
        return await super().__call__(request, timeout_s=timeout_s, sink=sink, credit=credit)


def uses(machine: Path, size_bytes: int) -> None:
    """In one write over what stands there, for it is kept open and read at any time."""
    file = machine / STAT
    file.touch()
    with file.open("r+", encoding="ascii") as stat:
        stat.write(f"anon {size_bytes:012}\n")


def _trimmer(machine: Path) -> Callable[[], bool]:
    """What is given back shows in the tree."""

    def trim() -> bool:
        used = int((machine / STAT).read_text(encoding="ascii").split()[1])
        uses(machine, used - TRIMMED_BYTES)
        return True

    return trim


class Recorded:
    """Instead of samples of this process."""

    def __init__(self, **_: Any) -> None:
        self._samples = iter(series("planted"))

    def __call__(self) -> Sample | None:
        return next(self._samples, None)


if __name__ == "__main__":
    told = Path(os.environ[MACHINE])
    with (
        patch.multiple(
            "actors.watching",
            KernelFiles=lambda _: KernelFiles(told),
            Ladder=partial(Ladder, times=HURRIED),
            trimmer=partial(_trimmer, told),
        ),
        patch.multiple("actors.web", Client=CrashingClient, Limits=partial(Limits, read_s=0.7)),
        patch("actors.auditor.PERIOD_S", 0.005),
        patch("actors.caching.JUST_OVER", 1),
        patch("actors.daemon.Sampler", Recorded),
        patch("actors.database.UNHURRIED", EAGER),
        patch("actors.watchdog.PERIOD_S", 0.1),
        patch("engine.storage.postgres.PoolLimits", partial(PoolLimits, leak_s=0.5)),
    ):
        main()
