"""What came of one look: the evidence, what was found in it, and whether it is what was planted."""

from collections.abc import Sequence
from dataclasses import dataclass

from perf.bottlenecks.evidence import Evidence
from perf.bottlenecks.finding import Finding
from perf.bottlenecks.plants import NONE

NOTHING = "nothing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """`plant` is None where somebody else's service was looked at."""

    plant: str | None
    evidence: Evidence
    findings: Sequence[Finding]
    load_before: float
    """The machine's load average when it began."""

    @property
    def first(self) -> str:
        return self.findings[0].kind if self.findings else NOTHING

    @property
    def expected(self) -> str:
        return NOTHING if self.plant in (NONE, None) else str(self.plant)

    @property
    def is_right(self) -> bool:
        """Of what was planted."""
        return self.first == self.expected
