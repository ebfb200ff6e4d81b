"""One figure of two sides, taken in turn: what a comparison is judged by.

Both sides of a pair were measured next to each other, so that what the machine did meanwhile weighs on both. More is
better, always.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median


@dataclass(frozen=True, slots=True, kw_only=True)
class Pairs:
    """Rates of ours and of what it is measured against, pair by pair."""

    unit: str
    ours: Sequence[float]
    bare: Sequence[float]

    @property
    def ratios(self) -> list[float]:
        return [own / theirs for own, theirs in zip(self.ours, self.bare, strict=True)]

    def spread(self) -> dict[str, float]:
        """The ratio's median and ends, as results name them."""
        ratios = self.ratios
        return {
            "ratio": round(median(ratios), 3),
            "ratio_least": round(min(ratios), 3),
            "ratio_most": round(max(ratios), 3),
        }
