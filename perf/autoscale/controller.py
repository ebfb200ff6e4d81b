"""The autoscaler's controller: at each sync, from what the metrics ask for to the replicas that are told.

It remembers what was asked for and what changed, for as long as a window or a period may want it.
"""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from perf.autoscale.behavior import Note, limited, stabilized
from perf.autoscale.manifest import Scaler
from perf.autoscale.recommendation import most_of

SYNC_S = 15.0
KEPT = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """`asked` is None where too little was known to ask for anything."""

    at_s: float
    current: int
    asked: int | None
    stable: int
    replicas: int


class Controller:
    """Of one deployment. Times are its caller's, and never go back."""

    def __init__(self, *, scaler: Scaler) -> None:
        self.scaler = scaler
        self._asked: deque[Note] = deque(maxlen=KEPT)
        self._changes: deque[Note] = deque(maxlen=KEPT)

    def decide(self, asked: Sequence[int | None], *, current: int, now_s: float) -> Decision:
        """`asked` for by each metric. Without replicas it is off, as in Kubernetes."""
        if not self._asked:
            self._asked.append(Note(at_s=now_s, number=current))
        decision = self._decided(most_of(asked, current=current), current, now_s)
        if decision.replicas != current:
            self._changes.append(Note(at_s=now_s, number=decision.replicas - current))
        self._forget(now_s)
        return decision

    def _decided(self, wanted: int | None, current: int, now_s: float) -> Decision:
        bounded = min(max(current, self.scaler.least), self.scaler.most)
        if current == 0 or bounded != current:
            replicas = bounded if current else 0
            return Decision(at_s=now_s, current=current, asked=None, stable=replicas, replicas=replicas)
        if wanted is None:
            return Decision(at_s=now_s, current=current, asked=None, stable=current, replicas=current)
        stable = stabilized(wanted, current=current, asked=self._asked, scaler=self.scaler, now_s=now_s)
        self._asked.append(Note(at_s=now_s, number=wanted))
        replicas = limited(stable, current=current, changes=self._changes, scaler=self.scaler, now_s=now_s)
        return Decision(at_s=now_s, current=current, asked=wanted, stable=stable, replicas=replicas)

    def _forget(self, now_s: float) -> None:
        rules = (self.scaler.up, self.scaler.down)
        _drop(self._asked, now_s - max(each.window_s for each in rules))
        _drop(self._changes, now_s - max(policy.period_s for each in rules for policy in each.policies))


def _drop(notes: deque[Note], until_s: float) -> None:
    """All but the last, which tells that there was one."""
    while len(notes) > 1 and notes[0].at_s <= until_s:
        notes.popleft()
