"""In which system calls a process's threads sleep, as the kernel shows it: looked at again and again from outside.

An event loop sleeps in epoll and nowhere else: whatever other call its thread sleeps in, nobody is served meanwhile. A
thread that writes sleeps in a sync of the disk. However long others keep it from a processor, it does not sleep then.
"""

import asyncio
import platform
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from perf.bottlenecks.evidence import EPOLL, LOCK, POLL, PROCESS, RUNNING, SLEEP, SOCKET, SYNC

EVERY_S = 0.04
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
    """Of one process; nothing is counted where the kernel does not tell."""

    def __init__(self, *, pid: int | None) -> None:
        numbers = NUMBERS.get(platform.machine())
        self._tasks = Path(f"/proc/{pid}/task") if pid and numbers else None
        self._main = str(pid)
        self._names = {str(number): name for name, few in (numbers or {}).items() for number in few}
        self._loop: Counter[str] = Counter()
        self._others: Counter[str] = Counter()

    async def watch(self) -> None:
        """Until it is cancelled, or the kernel tells nothing."""
        while self._look():  # noqa: ASYNC110 - of another process
            await asyncio.sleep(EVERY_S)

    def of_loop(self) -> dict[str, float]:
        """Parts of all looks."""
        return _parts(self._loop, self._loop.total())

    def of_others(self) -> dict[str, float]:
        """Parts of all looks that found another thread asleep in it; waits for work, which are for a lock, left out."""
        return _parts(self._others, self._loop.total())

    def _look(self) -> bool:
        try:
            calls = {task.name: self._call(task) for task in self._tasks.iterdir()} if self._tasks else {}
        except OSError:
            return False
        mine = calls.pop(self._main, None)
        if mine is None:
            return False
        self._loop[mine] += 1
        self._others.update({call for call in calls.values() if call is not None} - {RUNNING, LOCK})
        return True

    def _call(self, task: Path) -> str | None:
        """None of a thread that has just ended."""
        try:
            number, *_ = (task / "syscall").read_text().split(maxsplit=1)
        except (OSError, ValueError):
            return None
        number = number.strip()
        return number if number == RUNNING else self._names.get(number, f"system call {number}")


def _parts(seen: Counter[str], looks: int) -> dict[str, float]:
    return {name: round(times / looks, 4) for name, times in seen.most_common()}
