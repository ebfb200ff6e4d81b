"""Finds the width at which a pool gets most done, by trying others.

A try is kept when what is done grows by more than the width does to a small power: doubling at first, for as long as
that gains; then smaller steps, up and down in turn, at longer and longer intervals as they stop gaining. A stretch
counts only if the pool was busy, and is as long as it takes each place to be done with its work. Below the least, where
only trouble brings it, it leaps whatever that gains.
"""

from dataclasses import dataclass

from engine.runtime.stretch import Figures, Stretch

GAIN = 0.15
"""Twice the width must bring 1.11 times as much."""
LEAP, STEP = 2.0, 1.4
SHORTEST_S = 1.0
FULL = 0.8
"""The part of the places that must be at work."""
NO_QUEUE = 1.3
"""What takes no longer than that, beside the shortest ever, waits for nothing of ours: to narrow would gain nothing."""
FORGETS = 1.02
"""By which the shortest ever grows with each stretch, so that a change of the work is not held against it for ever."""
PAUSE_FIRST_S, PAUSE_MOST_S = 2.0, 30.0
LAG_HOLDS_S, LAG_CUTS_S = 0.05, 0.1
LAG_WEIGHT = 0.3
LAG_CUT = 0.8


@dataclass(frozen=True, slots=True, kw_only=True)
class Try:
    """From where, and what was done a second there."""

    width: int
    rate: float


class Climb:
    """`width` is where it stands; the bounds are given at each step."""

    def __init__(self, *, start: int) -> None:
        self.width = start
        self._start = start
        self._base_s: float | None = None
        self._base_width = start
        self._lag_s = 0.0
        self.begin(start)
        self._left = 0

    def begin(self, width: int) -> None:
        """Grow from there by leaps."""
        self._left = self.width
        self.width = width
        self._try: Try | None = None
        self._is_leaping = True
        self._goes_up = True
        self._pause_s = 0.0
        self._next_pause_s = PAUSE_FIRST_S
        self._stretch = Stretch()

    def forget(self, takes_s: float) -> None:
        """The work is another: so long it takes at the least."""
        self._base_s, self._base_width = takes_s, self.width

    def pass_over(self) -> None:
        """What is in hand or was measured tells nothing of the width: it is measured by what begins from now on.

        What was being tried is taken back, and tried again.
        """
        self._go_back()
        self._move(self.width)

    def step(self, figures: Figures, *, least: int, most: int) -> Stretch | None:
        """The stretch that has just been judged, if one has."""
        self._lag_s += LAG_WEIGHT * (figures.lag_s - self._lag_s)
        if self._left > 0:  # what began under another width says nothing of this one
            self._left -= figures.ended
            return None
        self._stretch.add(figures)
        if not self._is_over(self._stretch):
            return None
        stretch, self._stretch = self._stretch, Stretch()
        if stretch.busy < FULL * self.width:
            self._leave_it()
            return None
        self._note(stretch)
        self._judge(stretch.rate, stretch.seconds, least=least, most=most)
        return stretch

    def _is_over(self, stretch: Stretch) -> bool:
        times = 1 if self._is_leaping else 2
        if stretch.seconds < times * SHORTEST_S:
            return False
        return stretch.ended >= times * self.width or stretch.busy < FULL * self.width

    def _note(self, stretch: Stretch) -> None:
        takes_s, base_s = stretch.takes_s, self._base_s
        if base_s is None or takes_s * NO_QUEUE < base_s:
            self.forget(takes_s)
        elif takes_s <= base_s * NO_QUEUE:
            self._base_s, self._base_width = min(takes_s, base_s * FORGETS), min(self.width, self._base_width)
        else:
            self._base_s = base_s * FORGETS
        self._queues = self._base_width >= self.width or takes_s > (base_s or takes_s) * NO_QUEUE

    def _judge(self, rate: float, seconds: float, *, least: int, most: int) -> None:
        tried = self._try
        if self._lag_s > LAG_CUTS_S and self.width > self._start:
            self._lose_speed(least)
        elif tried is None:
            self._pause_s -= seconds
            if self._pause_s <= 0:
                self._go_on(rate, least=least, most=most)
        elif self._has_gained(tried, rate) or tried.width < self.width <= least:
            self._next_pause_s = PAUSE_FIRST_S
            self._go_on(rate, least=least, most=most)
        else:
            self._go_back()
            self._is_leaping = False
            self._goes_up = not self._goes_up
            self._pause()

    def _has_gained(self, tried: Try, rate: float) -> bool:
        grown = self.width / tried.width
        return bool(rate >= tried.rate * grown**GAIN) and (grown < 1 or self._lag_s < LAG_HOLDS_S)

    def _go_on(self, rate: float, *, least: int, most: int) -> None:
        """The next try from here; none where the bounds, the lag or an empty queue leave none."""
        if self._goes_up and (self.width >= most or self._lag_s >= LAG_HOLDS_S):
            self._is_leaping = self._goes_up = False
        if not self._goes_up and (self.width <= least or not self._queues):
            self._goes_up = True
            self._try = None
            self._pause()
            return
        factor = LEAP if self._is_leaping else STEP
        width = min(max(round(self.width * factor), self.width + 1), most)
        if not self._goes_up:
            width = max(min(round(self.width / factor), self.width - 1), least)
        self._try = Try(width=self.width, rate=rate)
        self._move(width)

    def _leave_it(self) -> None:
        """There was too little work to tell: what may be too narrow is taken back."""
        if self._try is not None and self._try.width > self.width:
            self._move(self._try.width)
        self._try = None

    def _go_back(self) -> None:
        if self._try is not None:
            self._move(self._try.width)
            self._try = None

    def _lose_speed(self, least: int) -> None:
        """The loop is late: whatever it gains, it is too much."""
        self._try = None
        self._is_leaping = False
        self._move(max(round(self.width * LAG_CUT), least))
        self._pause()

    def _move(self, width: int) -> None:
        self._left = self.width
        self.width = width
        self._stretch = Stretch()

    def _pause(self) -> None:
        self._pause_s = self._next_pause_s
        self._next_pause_s = min(2 * self._next_pause_s, PAUSE_MOST_S)
