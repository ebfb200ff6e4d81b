"""What must hold of the jobs, whatever happens: each committed change of the file is held against the one before."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from engine.jobs.job import Job
from engine.jobs.outcome import ErrorType, Failure, Outcome
from engine.jobs.status import FINAL, Status

ROWS = """
    SELECT id, status, fence, attempts, losses, due_at IS NOT NULL, error_type, updated_at, lease_until FROM jobs
"""
ABORTED_WITHIN_S = 0.1
"""Of a cancel's answer."""


class Row(NamedTuple):
    """A job as the file has it."""

    id: str
    status: Status
    fence: int
    attempts: int
    losses: int
    is_scheduled: int
    error_type: str | None
    updated_at: float
    lease_until: float | None


class Books:
    """Knows what users were told and what the file has held; tells `fail` of what must not be."""

    def __init__(self, *, fail: Callable[[str], None]) -> None:
        self._fail = fail
        self.jobs: dict[str, Job] = {}
        """All that anybody tried to submit."""
        self.rows: dict[str, Row] = {}
        self.acknowledged: set[str] = set()
        self.cancelled: dict[str, float] = {}
        self.cuts: Counter[str] = Counter()
        """Fetches that did not end by themselves."""
        self.fetches: Counter[str] = Counter()
        self.outcomes: dict[str, list[Outcome]] = {}
        """What the web came to, attempt by attempt."""
        self._left: set[str] = set()
        self._excused: Counter[str] = Counter()
        self._leased: set[tuple[str, int]] = set()
        self._settled: set[tuple[str, int]] = set()
        self._accepted: dict[str, int] = {}

    def submitted(self, job_ids: Iterable[str]) -> None:
        """A submit was answered."""
        for job_id in job_ids:
            self.acknowledged.add(job_id)
            self._must(job_id in self.rows, f"{job_id} was acknowledged and is not in the file")

    def found(self, rows: Iterable[tuple[object, ...]]) -> None:
        """What a new process finds is what was committed last, to the letter."""
        found = _by_id(rows)
        for job_id in self.rows.keys() | found.keys():
            before, after = self.rows.get(job_id), found.get(job_id)
            same = before is not None and after is not None and before[:-1] == after[:-1]
            self._must(same, f"a death changed the file: {before} became {after}")
        self.rows = found

    def committed(self, rows: Iterable[tuple[object, ...]], now: float) -> None:
        """A transaction has changed the file."""
        after = _by_id(rows)
        for job_id, row in after.items():
            before = self.rows.get(job_id)
            if before is None:
                self._new(row)
            elif before != row:
                self._changed(before, row, now)
        self._must(not self.rows.keys() - after.keys(), "jobs are gone")
        self.rows = after

    def leased(self, job_id: str, fence: int) -> None:
        """A claim was answered."""
        self._must((job_id, fence) not in self._leased, f"{job_id} was leased twice with fence {fence}")
        self._leased.add((job_id, fence))

    def accepted(self, job_id: str, fence: int, *, is_final: bool) -> None:
        """A settle was answered with yes."""
        self._must((job_id, fence) in self._settled, f"{job_id}: a settle of fence {fence} was accepted, not written")
        if is_final:
            first = self._accepted.setdefault(job_id, fence)
            self._must(first == fence, f"{job_id} was settled by fence {first} and again by fence {fence}")

    def began(self, job_id: str) -> None:
        """A fetch."""
        job = self.jobs[job_id]
        self._must(job_id not in self.cancelled, f"{job_id} is fetched after its cancel was answered")
        self._must(job.request.may_repeat or job_id not in self._left, f"{job_id} must not be sent twice")
        self._must(job_id in self.rows, f"{job_id} is fetched and is not in the file")
        self._left.add(job_id)
        self.fetches[job_id] += 1

    def ended(self, job_id: str, outcome: Outcome | None) -> None:
        """A fetch; None if it was cut short."""
        if outcome is None:
            self.cuts[job_id] += 1
            return
        self.outcomes.setdefault(job_id, []).append(outcome)
        if isinstance(outcome, Failure) and not outcome.may_have_left:
            self._left.discard(job_id)

    def _new(self, row: Row) -> None:
        at_first = row.status in {Status.QUEUED, Status.CANCELLED} and not row.fence + row.attempts + row.losses
        self._must(row.id in self.jobs and at_first, f"nobody submitted it so: {row}")

    def _changed(self, before: Row, after: Row, now: float) -> None:
        said = f"{before} became {after}"
        self._must(before.status not in FINAL, f"a final state changed: {said}")
        if before.status != after.status:
            self._must(before.status.may_become(after.status), f"an illegal move: {said}")
        is_claim = (before.status, after.status) == (Status.QUEUED, Status.RUNNING)
        self._must(after.fence == before.fence + is_claim, f"a fence grows with a claim: {said}")
        self._must(not (is_claim and before.is_scheduled), f"claimed before it was due: {said}")
        self._attempted(before, after, said)
        self._lost(before, after, now, said)

    def _attempted(self, before: Row, after: Row, said: str) -> None:
        more = after.attempts - before.attempts
        limit = self.jobs[after.id].request.options.max_retries + 1
        self._must(after.attempts <= limit, f"more attempts than {limit}: {said}")
        self._must(more in {0, 1} and (not more or before.status is Status.RUNNING), f"attempts: {said}")
        settled = after.status is Status.COMPLETED or (after.status is Status.FAILED and after.losses == before.losses)
        self._must(not settled or more == 1, f"settled without an outcome: {said}")
        if more:
            self._settled.add((after.id, after.fence))

    def _lost(self, before: Row, after: Row, now: float, said: str) -> None:
        more = after.losses - before.losses
        has_outcome = after.attempts > before.attempts
        self._must(more in {0, 1} if not has_outcome else after.losses in {0, before.losses}, f"losses: {said}")
        if more > 0 and (before.lease_until or 0.0) > now:
            came_to_nothing = self.fetches[after.id] - before.attempts - self._excused[after.id]
            self._must(came_to_nothing > 0, f"taken from who held it: {said}")
            self._excused[after.id] += 1
        if after.status is Status.FAILED and more > 0:
            must_not_repeat = not self.jobs[after.id].request.may_repeat
            self._must(must_not_repeat or after.error_type == ErrorType.POISON, f"it may be sent again: {said}")

    def _must(self, holds: bool, otherwise: str) -> None:  # noqa: FBT001 - reads as a sentence
        if not holds:
            self._fail(otherwise)


def _by_id(rows: Iterable[tuple[object, ...]]) -> dict[str, Row]:
    found = (Row(*row) for row in rows)  # type: ignore[arg-type]  # as selected
    return {row.id: row._replace(status=Status(row.status)) for row in found}
