"""What a part of all measured times was not above."""

from collections.abc import Sequence


def percentile_ms(taken_s: Sequence[float], part: float) -> float:
    """`part` in percent, below 100; of at least one time."""
    return round(sorted(taken_s)[int(len(taken_s) * part / 100)] * 1000, 3)
