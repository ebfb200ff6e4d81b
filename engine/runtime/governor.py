"""How wide a pool may be: it finds the width that gets most done, and falls back when the other side is in trouble.

Pure: it is told what came of each period and says the width for the next. Trouble is what takes several times as long
as it did, or fails as it did not: then it halves, and again, until that helps. Where halving does not help, the width
is not the cause: what was trouble is taken for what is usual, and it grows again; but never where nearly all fails.

A period in which none was let begin says nothing of how long it takes and how much gets done, nor does what was in hand
then. Only what fails counts: by that it falls, and comes back by as many steps, no wider than it was.
"""

from engine.runtime.climb import FULL, Climb
from engine.runtime.stretch import Figures, Recent, Stretch

LONGER = 3.0
"""Times the usual: trouble."""
MORE_FAIL = 0.3
"""That part above the usual: trouble."""
NEARLY_ALL = 0.8
SHORTEST_S = 1.0
IDLE_S = 10.0
ENOUGH = 10
"""Ends of which a part can be told."""
CALM = 4
"""Times the least: narrower it is in trouble only, whatever could be done by fewer."""
CUTS = 2
"""After so many it is known whether halving helps."""
LATER = 1.5
LEARNS = 0.3
ERRORS, LATENCY = "errors", "latency"
"""Why it falls."""


class Governing:
    """`width` lies between `least` and `ceiling`, which may be changed at any time; the ceiling comes first."""

    def __init__(self, *, least: int, start: int, ceiling: int) -> None:
        self.ceiling = ceiling
        self._least = least
        self._start = start
        self._climb = Climb(start=start)
        self._recent = Recent()
        self._usual_s: float | None = None
        self._usual_width = start
        self._usual_trouble = 0.0
        self._cuts = 0
        self._fell_by_errors = False
        self._fell_from = start
        self._since_cut_s = 0.0
        self._idle_s = 0.0

    @property
    def width(self) -> int:
        return self._bounded(self._climb.width)

    def judge(self, figures: Figures) -> str | None:
        """Why it fell back, if it just did."""
        if self._climb.width != self.width:
            self._climb.begin(self.width)
        if figures.is_shut:
            self._climb.pass_over()
        self._note(figures)
        if self._cuts:
            self._fall_on(figures)
            return None
        why = self._trouble()
        if why is not None and self.width > self._bounded(self._least):
            self._fell_by_errors, self._fell_from = why == ERRORS, self.width
            self._cut()
            return why
        if figures.is_shut:
            return None
        measured_at = self.width
        stretch = self._climb.step(figures, least=self._bounded(CALM * self._least), most=self.ceiling)
        if stretch is not None:
            self._learn(stretch, measured_at)
        return None

    def _note(self, figures: Figures) -> None:
        self._idle_s = 0.0 if figures.busy or figures.ended else self._idle_s + figures.seconds
        if figures.is_held_up:
            self._recent.clear()
        elif self._cuts:
            self._recent.add(figures, keep_s=SHORTEST_S, keep_ends=self._few)
        else:
            self._recent.add(figures, keep_s=max(SHORTEST_S, 2 * (self._usual_s or 0.0)))

    @property
    def _few(self) -> int:
        """Ends of which something can be told, though the width is little."""
        return min(ENOUGH, self.width)

    def _trouble(self) -> str | None:
        """None also while too little is known."""
        recent = Stretch.of(self._recent)
        if self._fails(recent):
            return ERRORS
        if recent.was_shut or self._usual_s is None or recent.seconds < max(SHORTEST_S, 2 * self._usual_s):
            return None
        full = recent.busy >= FULL * self.width
        # What is twice as wide and gains nothing takes twice as long.
        longest_s = LONGER * self._usual_s * max(1.0, self.width / self._usual_width)
        return LATENCY if full and recent.takes_s > longest_s else None

    def _fails(self, stretch: Stretch) -> bool:
        return stretch.ended >= ENOUGH and stretch.trouble > self._usual_trouble + MORE_FAIL

    def _cut(self) -> None:
        self._cuts += 1
        self._begin(max(self.width // 2, self._bounded(self._least)))

    def _fall_on(self, figures: Figures) -> None:
        """Once it has begun to fall: further, or an end of it."""
        self._since_cut_s += figures.seconds
        if self._idle_s >= IDLE_S:
            self._end(self._bounded(self._start))
            return
        if self._since_cut_s < max(SHORTEST_S, self._usual_s or 0.0):
            return
        recent = Stretch.of(self._recent)
        is_known = recent.ended >= self._few
        if is_known and self._is_well(recent):
            self._recover(recent)
        elif is_known and self._is_usual_now(recent):
            self._take_for_usual(recent)
            self._recover(recent)
        elif recent.busy and (is_known or not recent.was_shut) and self.width > self._bounded(self._least):
            self._cut()

    def _take_for_usual(self, recent: Stretch) -> None:
        self._usual_trouble = recent.trouble
        if not recent.was_shut:
            self._usual_s, self._usual_width = recent.elapsed_s, self.width
            self._climb.forget(recent.elapsed_s)

    def _is_well(self, recent: Stretch) -> bool:
        is_quick = recent.was_shut or self._usual_s is None or recent.elapsed_s <= LONGER * self._usual_s
        return is_quick and recent.trouble <= self._usual_trouble + MORE_FAIL

    def _is_usual_now(self, recent: Stretch) -> bool:
        """It stays as it is, though what ended began after the cuts."""
        began_after = self._since_cut_s > LATER * recent.elapsed_s
        return self._cuts >= CUTS and began_after and recent.trouble < NEARLY_ALL

    def _recover(self, recent: Stretch) -> None:
        """To grow from there; while it could not be told whether that gains, step by step as it fell."""
        if recent.was_shut and self._fell_by_errors:
            self._cuts -= 1
            self._begin(self._bounded(min(2 * self.width, self._fell_from)))
        else:
            self._end(self.width)

    def _end(self, width: int) -> None:
        self._cuts = 0
        self._begin(width)

    def _begin(self, width: int) -> None:
        self._since_cut_s = 0.0
        self._recent.clear()
        self._climb.begin(width)

    def _learn(self, stretch: Stretch, width: int) -> None:
        if self._usual_s is None or self._usual_width != width or stretch.takes_s < self._usual_s:
            self._usual_s, self._usual_width = stretch.takes_s, width
        else:
            self._usual_s += LEARNS * (stretch.takes_s - self._usual_s)
        self._usual_trouble += LEARNS * (stretch.trouble - self._usual_trouble)

    def _bounded(self, width: int) -> int:
        return min(max(width, self._least), self.ceiling)
