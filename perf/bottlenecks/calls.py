"""In which system call the event loop's thread sleeps, as the kernel shows it: looked at again and again from outside.

An event loop sleeps in epoll and nowhere else. Whatever other call it sleeps in, nobody is served meanwhile.
"""

import asyncio
import platform
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from perf.bottlenecks.evidence import EPOLL, LOCK, RUNNING

EVERY_S = 0.02
SLEEP, SOCKET, POLL, SYNC, PROCESS = "a sleep", "a socket", "a poll of its own", "a sync of the disk", "a child's end"
NUMBERS: Mapping[str, Mapping[str, tuple[int, ...]]] = MappingProxyType(
    {
        "x86_64": {
            EPOLL: (232, 281, 441),
            LOCK: (202,),
            SLEEP: (35, 230),
            SOCKET: (42, 44, 45, 46, 47),
            POLL: (7, 23, 270, 271),
            SYNC: (74, 75),
            PROCESS: (61, 247),
        },
        "aarch64": {
            EPOLL: (22, 441),
            LOCK: (98,),
            SLEEP: (101, 115),
            SOCKET: (203, 206, 207, 211, 212),
            POLL: (72, 73),
            SYNC: (82, 83),
            PROCESS: (95, 260),
        },
    }
)


class Calls:
    """Of one thread; nothing is counted where the kernel does not tell."""

    def __init__(self, *, pid: int | None) -> None:
        numbers = NUMBERS.get(platform.machine())
        self._path = Path(f"/proc/{pid}/task/{pid}/syscall") if pid and numbers else None
        self._names = {str(number): name for name, few in (numbers or {}).items() for number in few}
        self._seen: Counter[str] = Counter()

    async def watch(self) -> None:
        """Until it is cancelled, or the kernel tells nothing."""
        while self._look():  # noqa: ASYNC110 - of another process
            await asyncio.sleep(EVERY_S)

    def parts(self) -> dict[str, float]:
        """Of all looks."""
        looks = self._seen.total()
        return {name: round(times / looks, 4) for name, times in self._seen.most_common()}

    def _look(self) -> bool:
        if self._path is None:
            return False
        try:
            number, *_ = self._path.read_text().split(maxsplit=1)
        except (OSError, ValueError):
            return False
        self._seen[number if number == RUNNING else self._names.get(number, f"system call {number}")] += 1
        return True
