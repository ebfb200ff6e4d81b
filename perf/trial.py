"""Pair after pair of a bench, until what they say is certain enough or the time is over.

Benches come in turn, so that all of them have got on when the time is over. Only what is certain is ruled, and it is
looked at after every pair: hence a higher sureness than that of one look.
"""

from collections.abc import Callable, Sequence
from time import monotonic

from perf.duel import Side, duel
from perf.interval import Interval, interval
from perf.pairs import Pairs
from perf.process import ProcessError
from perf.rulers.ruler import UNITS
from perf.verdict import Ruling, ruled

SURENESS = 0.98
LEAST_PAIRS = 4
"""Fewer happen to agree too often."""
FAILURES = 2
"""In a row are trouble; one is a machine with much else to do."""

Judge = Callable[[Sequence[float]], Interval]


def beside(ratios: Sequence[float]) -> Interval:
    """Of two sides that should be alike."""
    return interval(ratios, sureness=SURENESS)


class Trial:
    """One bench, ours beside another side."""

    def __init__(self, *, ours: Side, theirs: Side, judge: Judge = beside) -> None:
        self.bench = ours.bench
        self.trouble = ""
        """Why it cannot be measured."""
        self._failed = 0
        self._sides = ours, theirs
        self._judge = judge
        self._rates: tuple[list[float], list[float]] = ([], [])

    async def go_on(self) -> None:
        """One pair more."""
        try:
            pair = await duel(*self._sides, number=len(self._rates[0]))
        except ProcessError as error:
            self._failed += 1
            self.trouble = str(error) if self._failed == FAILURES else ""
            return
        self._failed = 0
        for rates, rate in zip(self._rates, pair, strict=True):
            rates.append(rate)

    @property
    def pairs(self) -> Pairs:
        ours, theirs = self._rates
        return Pairs(unit=UNITS[self.bench], ours=ours, bare=theirs)

    @property
    def found(self) -> Interval | None:
        ratios = self.pairs.ratios
        return self._judge(ratios) if ratios else None

    @property
    def ruling(self) -> Ruling:
        found = self.found
        return Ruling.UNDECIDED if found is None or len(self.pairs.ours) < LEAST_PAIRS else ruled(found)

    def __str__(self) -> str:
        told = self.trouble or f"{self.found or 'not measured'} over {len(self.pairs.ours)} pairs"
        return f"{self.bench:18} {self.ruling:12} {told}"


async def decided(trials: Sequence[Trial], *, until: float, most_pairs: int) -> None:
    """Go on with each that is undecided, in turn; `until`, of the monotonic clock, may pass within a pair."""
    for _ in range(most_pairs):
        for trial in trials:
            if trial.ruling is Ruling.UNDECIDED and not trial.trouble and monotonic() < until:
                await trial.go_on()


async def taken(trials: Sequence[Trial], *, pairs: int) -> None:
    """So many pairs of each, whatever they say; one that cannot be measured is left."""
    for _ in range(pairs):
        for trial in trials:
            if not trial.trouble:
                await trial.go_on()
