"""What a store in memory knows of batches beside their jobs."""

from collections import Counter
from collections.abc import Iterable, Mapping

from engine.jobs.job import Batch, Job
from engine.jobs.query import BatchFigures
from engine.jobs.status import Status
from engine.storage.memory.row import Row


class Batches:
    """As they came, with the turns of those that have a parallel limit."""

    def __init__(self) -> None:
        self._known: dict[str, Batch] = {}
        self._turns: dict[str, float] = {}

    def keep(self, batch: Batch, *, turn: float) -> None:
        """One that is known stays as it is."""
        if batch.id not in self._known:
            self._known[batch.id] = batch
            if batch.parallel_limit is not None:
                self._turns[batch.id] = turn

    def is_limited(self, job: Job) -> bool:
        return job.batch_id in self._turns

    def stops(self, batch_id: str) -> bool:
        return batch_id in self._known and self._known[batch_id].stop_on_error

    def with_room(self, rows: Iterable[Row], at_most: int) -> dict[str, tuple[int, float]]:
        """Those with jobs that wait and room for some, in turn, each with its room and its turn."""
        limits = {batch_id: self._known[batch_id].parallel_limit or 0 for batch_id in self._turns}
        waiting: set[str] = set()
        for row in rows:
            batch_id = row.job.batch_id
            if batch_id in limits:
                limits[batch_id] -= row.job.status is Status.RUNNING
                waiting |= {batch_id} if row.waits else set()
        free = sorted((self._turns[each], each) for each in waiting if limits[each] > 0)
        return {each: (limits[each], turn) for turn, each in free[:at_most]}

    def eligible(self, rows: Iterable[Row]) -> int:
        """What waits, but of a batch with a parallel limit no more than it has room for."""
        rows = tuple(rows)
        limited = Counter(row.job.batch_id for row in rows if row.waits and self.is_limited(row.job))
        free = self.with_room(rows, len(rows))
        rooms = sum(min(limited[batch_id], room) for batch_id, (room, _) in free.items())
        return sum(row.waits for row in rows) - limited.total() + rooms

    def pass_turns(self, turns: Mapping[str, float]) -> None:
        self._turns |= turns

    def figures(self, batch_id: str, rows: Iterable[Row]) -> BatchFigures | None:
        batch = self._known.get(batch_id)
        if batch is None:
            return None
        jobs = sorted((row.job for row in rows if row.job.batch_id == batch_id), key=lambda job: job.created_at)
        counts = {status: sum(job.status is status for job in jobs) for status in Status}
        return BatchFigures(batch=batch, counts=counts, began_at=jobs[0].started_at if jobs else None)
