"""Samples of this process and of the machine under it.

A sample costs some 100 us and waits for nothing; it is taken by a clock, never by who asks for the metrics.
"""

import gc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil


@dataclass(frozen=True, slots=True, kw_only=True)
class Vitals:
    """One sample. Percents are 0 to 100 of the machine; collections are by generation, since the start."""

    uptime_s: float
    rss_bytes: int
    vms_bytes: int
    cpu_s: float
    collections: tuple[int, ...]
    system_cpu_percent: float
    system_memory_percent: float
    system_disk_percent: float


class Pulse:
    """Takes samples. `clock` gives seconds since any moment; `data` is a path on the disk that holds the data."""

    def __init__(self, *, clock: Callable[[], float], data: Path) -> None:
        self._clock = clock
        self._began_at = clock()
        self._data = str(data)
        self._process = psutil.Process()
        self._processors = Processors()

    def take(self) -> Vitals:
        memory = self._process.memory_info()
        cpu = self._process.cpu_times()
        return Vitals(
            uptime_s=self._clock() - self._began_at,
            rss_bytes=memory.rss,
            vms_bytes=memory.vms,
            cpu_s=cpu.user + cpu.system,
            collections=tuple(generation["collections"] for generation in gc.get_stats()),
            system_cpu_percent=self._processors.busy_percent(),
            system_memory_percent=psutil.virtual_memory().percent,
            system_disk_percent=psutil.disk_usage(self._data).percent,
        )


class Processors:
    """The share of their time that all processors were busy between two looks; psutil keeps its own a thread."""

    def __init__(self) -> None:
        self._idle_s, self._total_s = _processor_times()

    def busy_percent(self) -> float:
        """0 when no time has passed since the last look."""
        idle_s, total_s = _processor_times()
        idled_s, passed_s = idle_s - self._idle_s, total_s - self._total_s
        self._idle_s, self._total_s = idle_s, total_s
        return min(max(100.0 * (1 - idled_s / passed_s), 0.0), 100.0) if passed_s > 0 else 0.0


def _processor_times() -> tuple[float, float]:
    times = psutil.cpu_times()
    # Linux counts a guest's time as user time too, and waiting for a disk is idle.
    total_s = sum(times) - getattr(times, "guest", 0.0) - getattr(times, "guest_nice", 0.0)
    return times.idle + getattr(times, "iowait", 0.0), total_s
