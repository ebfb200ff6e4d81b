"""What all attempts settled so far came to, in sums: whoever looks twice knows what came between.

Those of suspects are left out: they are fetched alone, and say nothing of how many may be fetched at once.
"""

from collections.abc import Sequence

from engine.jobs.outcome import ErrorType
from engine.jobs.verdict import Completed, Settlement

TROUBLES = frozenset(
    {
        ErrorType.CONNECT,
        ErrorType.CONNECT_TIMEOUT,
        ErrorType.READ_TIMEOUT,
        ErrorType.TOTAL_TIMEOUT,
        ErrorType.CONNECTION_LOST,
        ErrorType.HTTP_4XX,
        ErrorType.HTTP_5XX,
    }
)
"""How a site fails that has too much to do, or is down; of 4xx only those are errors that speak of time."""


class Toll:
    """On the way of every page: it costs some 0.1 us."""

    __slots__ = ("elapsed_s", "ended", "troubled")

    def __init__(self) -> None:
        self.ended = 0
        self.elapsed_s = 0.0
        self.troubled = 0

    def add(self, settlements: Sequence[Settlement]) -> None:
        # Nearly none was ever lost, and to ask for that first costs least.
        in_company = [each for each in settlements if not each.lease.losses or not each.lease.is_suspect]
        self.ended += len(in_company)
        for settlement in in_company:
            self.elapsed_s += settlement.outcome.elapsed_s
            verdict = settlement.verdict
            if not isinstance(verdict, Completed) and verdict.error_type in TROUBLES:
                self.troubled += 1
