"""What may be said of memory: sizes, and parts of a limit."""

import re
from typing import Literal

AUTO = "auto"
SIZE = re.compile(r"(\d{1,18})\s*(?:([kmgt])i?)?b?", re.IGNORECASE | re.ASCII)
UNITS = {"": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
LEAST_BYTES, MOST_BYTES = 1 << 20, 1 << 50
CRITICAL = 0.85

AtTheEnd = Literal["exec", "exit"]


def size(value: str | int | None) -> int | None:
    """In bytes; None for auto. K, M, G and T are powers of 1024, with or without i and B. Raises ValueError."""
    if value is None or (isinstance(value, str) and value.lower() == AUTO):
        return None
    found = SIZE.fullmatch(str(value))
    size_bytes = int(found[1]) * UNITS[(found[2] or "").lower()] if found else 0
    if not LEAST_BYTES <= size_bytes <= MOST_BYTES:
        raise ValueError("should be auto, or at least 1 MiB: bytes, or as 512M, 512MiB, 1G")
    return size_bytes


def part(value: float) -> float:
    """Raises ValueError for what is no part of a limit."""
    if not 0 < value < 1:
        raise ValueError("should be a part of the limit, more than 0 and less than 1")
    return value


def critical_over(high: float) -> float:
    """What CRITICAL is where only the other was told."""
    return CRITICAL if high < CRITICAL else (high + 1) / 2


def above(value: float, high: float | None) -> float:
    """Raises ValueError for one that is not. None: what MEMORY_HIGH was told is wrong by itself."""
    if high is not None and value <= high:
        raise ValueError(f"should be more than MEMORY_HIGH, which is {high}")
    return value
