"""Ids of jobs, batches and processes: UUIDv7 (RFC 9562, 5.7), so that they sort by the time they were made."""

from collections.abc import Callable

JOB_PREFIX = "job_"
BATCH_PREFIX = "batch_"
OWNER_PREFIX = "process_"


class Ids:
    """From a passed wall clock (epoch seconds) and a passed source of random bits; none twice, always rising."""

    def __init__(self, *, wall: Callable[[], float], random_bits: Callable[[int], int]) -> None:
        self._wall = wall
        self._random_bits = random_bits
        self._latest_us = 0

    def job(self) -> str:
        return f"{JOB_PREFIX}{self._uuid7()}"

    def batch(self) -> str:
        return f"{BATCH_PREFIX}{self._uuid7()}"

    def owner(self) -> str:
        """Of a process, for the leases it takes."""
        return f"{OWNER_PREFIX}{self._uuid7()}"

    def _uuid7(self) -> str:
        """Method 3 of RFC 9562, 6.2: microseconds below the millisecond fill rand_a; a standing clock is counted up."""
        now_us = max(int(self._wall() * 1_000_000), self._latest_us + 1)
        self._latest_us = now_us
        milliseconds, below = divmod(now_us, 1000)
        value = (milliseconds & (1 << 48) - 1) << 80 | 7 << 76 | (below << 12) // 1000 << 64
        text = f"{value | 2 << 62 | self._random_bits(62):032x}"
        return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"
