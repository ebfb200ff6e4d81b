"""Jobs that somebody asked for before they were over, and so may ask for again."""

from collections import OrderedDict
from collections.abc import Callable, Sequence

from engine.jobs.query import Settled
from engine.jobs.verdict import Settlement

MOST = 4096


class Asked:
    """At most so many; the least recently asked are forgotten first."""

    def __init__(
        self, *, offer: Callable[[str], bool], refused: Callable[[], None] = lambda: None, most: int = MOST
    ) -> None:
        """`offer` is told of each that is over, once, and may say that it has no room; `refused` is told of that."""
        self._offer = offer
        self._refused = refused
        self._most = most
        self._job_ids: OrderedDict[str, None] = OrderedDict()

    def note(self, job_id: str) -> None:
        self._job_ids[job_id] = None
        self._job_ids.move_to_end(job_id)
        if len(self._job_ids) > self._most:
            self._job_ids.popitem(last=False)

    def settled(self, settlements: Sequence[Settlement], ends: Sequence[Settled]) -> None:
        if not self._job_ids:
            return
        for settlement, end in zip(settlements, ends, strict=True):
            if end.status.is_final:
                self._over(settlement.lease.job_id)

    def _over(self, job_id: str) -> None:
        if self._job_ids.pop(job_id, self) is None and not self._offer(job_id):
            self._refused()
