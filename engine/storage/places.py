"""Where lanes stand in the order of claims: in virtual time, which passes with what is claimed.

The lanes of one batch stand behind one another, one at each place, and who was claimed from goes to the end of its own
batch: so whatever its number of hosts, a batch has its turn once while each of the others has it once. Jobs without a
batch count as one. Virtual time is in whole places, no more than microseconds have passed: where nothing waits it
begins again at the clock's, which needs no counter that processes share. Of several processes each gives the places
behind the end that it knows, so a batch of many hosts may have a turn for each process that claims, never more for more
hosts.
"""

from collections import Counter
from collections.abc import Iterable, Mapping

from engine.storage.lane import batch_of

PER_SECOND = 1_000_000
"""Places are as microseconds: claims do not get ahead of the clock, and a float holds each of them exactly."""
BATCHES_AT_MOST = 10_000
"""Of more of them the ends are forgotten that are reached first: their lanes come somewhat too early once."""


class Places:
    """What one process knows of them: how far claims came, and where the last lane of each batch stands."""

    def __init__(self) -> None:
        self.reached: float = 0
        """The turn of the last lane that was claimed from. It never goes back."""
        self._ends: dict[str, float] = {}

    def reach(self, turn: float) -> None:
        self.reached = max(self.reached, turn)

    def end(self, batch_id: str) -> float:
        """Behind it the batch's next lane stands."""
        return max(self._ends.get(batch_id, 0), self.reached)

    def stands(self, batch_id: str, turn: float) -> None:
        """A lane of the batch."""
        if turn > self.end(batch_id):
            self._ends[batch_id] = turn
            if len(self._ends) > BATCHES_AT_MOST:
                self._forget()

    def behind(self, lanes: Iterable[str]) -> dict[str, tuple[float, int]]:
        """Of lanes to which jobs come the end of the batch, and the place behind it that is theirs if they are new."""
        found: dict[str, tuple[float, int]] = {}
        last: dict[str, tuple[float, int]] = {}
        for lane in lanes:
            batch_id = batch_of(lane)
            end, place = last.get(batch_id) or (self.end(batch_id), 0)
            found[lane] = last[batch_id] = end, place + 1
        return found

    def passed(self, lanes: Iterable[tuple[str, bool]]) -> list[float]:
        """The next turns of lanes that were claimed from. One in which nothing is left takes no place."""
        found: list[float] = []
        ends: dict[str, float] = {}
        for lane, has_more in lanes:
            batch_id = batch_of(lane)
            turn = (ends.get(batch_id) or self.end(batch_id)) + 1
            found.append(turn)
            if has_more:
                ends[batch_id] = turn
        for batch_id, end in ends.items():
            self.stands(batch_id, end)
        return found

    def _forget(self) -> None:
        last = sorted(self._ends.items(), key=lambda end: end[1])
        self._ends = dict(last[BATCHES_AT_MOST // 2 :])


def turns_among_all(lanes: Iterable[tuple[float, str | None]], batches: Mapping[str, float]) -> list[float]:
    """Lanes of a batch with a parallel limit are met through it: they stand behind one another from its turn on.

    `lanes` are (turn, its batch if limited), those of a batch in its own order.
    """
    ahead = dict(batches)
    found: list[float] = []
    for turn, batch_id in lanes:
        found.append(turn if batch_id is None else ahead[batch_id])
        if batch_id is not None:
            ahead[batch_id] += 1
    return found


def turns_of_batches(
    batches: Mapping[str, float], met: Iterable[str | None], giving: Iterable[str | None]
) -> dict[str, float]:
    """The next turns of those whose lanes gave, by as many lanes, or of which none was met.

    `met` and `giving` are the batches of lanes, if limited.
    """
    gave, found = Counter(giving), set(met)
    passed = {batch_id: gave[batch_id] if batch_id in found else 1 for batch_id in batches}
    return {batch_id: batches[batch_id] + lanes for batch_id, lanes in passed.items() if lanes}
