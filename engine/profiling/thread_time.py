"""Processor time of each thread of this process, by the kernel's own clock of it."""

import threading
from collections import Counter
from collections.abc import Mapping
from time import clock_gettime

Times = Mapping[tuple[int, str], float]


def thread_times() -> Times:
    """In seconds, by native id and name, of the threads that Python started and that have not ended."""
    found: dict[tuple[int, str], float] = {}
    for thread in threading.enumerate():
        if thread.native_id is not None:
            try:
                found[thread.native_id, thread.name] = clock_gettime(_clock_of(thread.native_id))
            except OSError:
                continue  # it has just ended
    return found


def spent_s(before: Times, after: Times) -> Mapping[str, float]:
    """By name, between the two."""
    spent: Counter[str] = Counter()
    for key, seconds in after.items():
        spent[key[1]] += seconds - before.get(key, 0.0)  # type: ignore[assignment]  # typeshed counts in whole numbers
    return spent


def _clock_of(native_id: int) -> int:
    """As glibc's pthread_getcpuclockid makes it, which must not be asked of a thread that has ended."""
    return (~native_id << 3) | 6
