"""One look at a service: its metrics, and what the kernel tells of its process where that is known."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

import aiohttp

from perf.bottlenecks.figures import Figures, read

WITHIN = aiohttp.ClientTimeout(total=10)
"""A service that is held up answers late; that it did is told by its own figures."""
NS = 1e9


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """At one moment."""

    at: float
    figures: Figures
    threads: Mapping[int, tuple[float, float]] | None
    """Of each its seconds on a processor, and those in which it could have run and got none."""


class Glass:
    """Looks at one service."""

    def __init__(self, *, client: aiohttp.ClientSession, url: str, pid: int | None) -> None:
        self._client = client
        self._metrics = f"{url}/metrics"
        self._tasks = Path(f"/proc/{pid}/task") if pid else None

    async def look(self) -> Look | None:
        """None where it did not answer."""
        try:
            async with self._client.get(self._metrics, timeout=WITHIN) as answer:
                answer.raise_for_status()
                figures = read(await answer.text())
        except (aiohttp.ClientError, TimeoutError, ValueError):
            return None
        return Look(at=monotonic(), figures=figures, threads=self._threads())

    def _threads(self) -> dict[int, tuple[float, float]] | None:
        if self._tasks is None:
            return None
        try:
            return {int(task.name): _times(task / "schedstat") for task in self._tasks.iterdir()}
        except (OSError, ValueError):  # it has ended, or this kernel keeps no such account
            return None


def _times(account: Path) -> tuple[float, float]:
    ran, waited, *_ = account.read_text().split()
    return int(ran) / NS, int(waited) / NS
