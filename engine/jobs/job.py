"""A job: one request on its way to one result, and the moves it may make.

A move returns a new value and refuses an illegal one; stores make the same moves in SQL.
"""

from dataclasses import dataclass, replace
from typing import Self

from engine.errors import IllegalMoveError
from engine.jobs.losses import LOST, POISONED, after_loss, is_poison, is_suspect, put_off_s
from engine.jobs.mould import Mould
from engine.jobs.outcome import ErrorType
from engine.jobs.request import Request
from engine.jobs.status import Status

PRIORITY_STRETCH_S = 300.0
"""One step of priority is worth this much waiting, so that what waits long enough comes before what is preferred."""


def rank_of(*, due_at: float, priority: int) -> float:
    """Priority and ageing in one stored number, in epoch seconds: the lowest goes first."""
    return due_at - priority * PRIORITY_STRETCH_S


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """Jobs submitted together."""

    id: str
    total: int
    created_at: float
    parallel_limit: int | None = None
    """How many of them may run at once, wherever; None: as many as come in turn."""
    stop_on_error: bool = False
    """When one has failed, those that wait are cancelled; those that run go on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """Times are epoch seconds. `due_at` set while QUEUED means scheduled: not before then."""

    id: str
    request: Request
    created_at: float
    updated_at: float
    scraper_type: str = "http"
    status: Status = Status.QUEUED
    priority: int = 0
    tags: tuple[str, ...] = ()
    batch_id: str | None = None
    due_at: float | None = None
    started_at: float | None = None
    completed_at: float | None = None
    fence: int = 0
    lease_until: float | None = None
    attempts: int = 0
    """Outcomes so far."""
    losses: int = 0
    """Fetches since the last outcome that ended with the death of who made them."""
    ran_s: float = 0.0
    """Running time of all attempts."""
    error_type: ErrorType | None = None
    error_message: str | None = None

    @property
    def lane(self) -> str:
        """Jobs of one lane wait for each other: a lane is (host, batch). A host holds no space."""
        return f"{self.request.host} {self.batch_id}" if self.batch_id else self.request.host

    @property
    def rank(self) -> float:
        return rank_of(due_at=self.due_at or self.created_at, priority=self.priority)

    @property
    def is_scheduled(self) -> bool:
        return self.status is Status.QUEUED and self.due_at is not None

    def promoted(self) -> Self:
        """Its time has come."""
        return replace(self, due_at=None)

    def claimed(self, *, now: float, until: float) -> Self:
        return self._moved(
            Status.RUNNING, now, fence=self.fence + 1, lease_until=until, started_at=self.started_at or now, due_at=None
        )

    def given_back(self, *, now: float, lost: bool = False, alone: bool = False, before: int = 0) -> Self:
        """Back to the queue, without an outcome.

        `lost` counts the death of who held it, `alone` one with nothing else in hand; a request that must not be sent
        again then fails, and so does one that was alone too often. A suspect is put off, behind `before` others.
        """
        if not lost:
            return self._moved(Status.QUEUED, now, lease_until=None)
        losses = after_loss(self.losses, alone=alone)
        if not self.request.may_repeat:
            return self._given_up(now, losses, ErrorType.CONNECTION_LOST, LOST)
        if is_poison(losses):
            return self._given_up(now, losses, ErrorType.POISON, POISONED)
        due_at = now + put_off_s(losses, before=before) if is_suspect(losses) else None
        return self._moved(Status.QUEUED, now, lease_until=None, losses=losses, due_at=due_at)

    def put_off(self, *, now: float, before: int) -> Self:
        """Back to the queue, without an outcome or a loss: a suspect that is due later, behind `before` others."""
        due_at = now + put_off_s(self.losses, before=before)
        return self._moved(Status.QUEUED, now, lease_until=None, due_at=due_at)

    def retrying(self, *, now: float, due_at: float, ran_s: float, error_type: ErrorType, message: str) -> Self:
        outcome = self._outcome(ran_s, error_type, message)
        return self._moved(Status.QUEUED, now, lease_until=None, due_at=due_at, **outcome)

    def completed(self, *, now: float, ran_s: float) -> Self:
        return self._moved(
            Status.COMPLETED, now, lease_until=None, completed_at=now, **self._outcome(ran_s, None, None)
        )

    def failed(self, *, now: float, ran_s: float, error_type: ErrorType, message: str) -> Self:
        outcome = self._outcome(ran_s, error_type, message)
        return self._moved(Status.FAILED, now, lease_until=None, completed_at=now, **outcome)

    def cancelled(self, *, now: float) -> Self:
        return self._moved(
            Status.CANCELLED, now, lease_until=None, due_at=None, completed_at=now, error_type=ErrorType.CANCELLED
        )

    def redriven(self, *, now: float) -> Self:
        """Starts anew. Its fence goes on, so that who held it before settles nothing."""
        if not self.status.may_start_anew:
            raise IllegalMoveError(f"a {self.status} job is not put back")
        return replace(
            self,
            status=Status.QUEUED,
            updated_at=now,
            started_at=None,
            completed_at=None,
            attempts=0,
            losses=0,
            ran_s=0.0,
            error_type=None,
            error_message=None,
        )

    def _given_up(self, now: float, losses: int, error_type: ErrorType, message: str) -> Self:
        return self._moved(
            Status.FAILED,
            now,
            lease_until=None,
            completed_at=now,
            losses=losses,
            error_type=error_type,
            error_message=message,
        )

    def _outcome(self, ran_s: float, error_type: ErrorType | None, message: str | None) -> dict[str, object]:
        return {
            "attempts": self.attempts + 1,
            "losses": 0,
            "ran_s": self.ran_s + ran_s,
            "error_type": error_type,
            "error_message": message,
        }

    def _moved(self, status: Status, now: float, **changes: object) -> Self:
        if not self.status.may_become(status):
            raise IllegalMoveError(f"a {self.status} job cannot become {status}")
        return replace(self, status=status, updated_at=now, **changes)  # type: ignore[arg-type]  # replace() checks them


_JOBS = Mould(Job, tuple(Job.__dataclass_fields__))
_QUEUED = Status.QUEUED


def submitted(  # noqa: PLR0913 - what a job begins with
    *,
    job_id: str,
    request: Request,
    now: float,
    scraper_type: str,
    priority: int,
    tags: tuple[str, ...],
    batch_id: str | None,
    due_at: float | None,
) -> Job:
    """A new one, made at a quarter of the cost of its constructor."""
    # Each by itself: to put them together from parts takes as long again.
    return _JOBS.one(
        job_id,
        request,
        now,
        now,
        scraper_type,
        _QUEUED,
        priority,
        tags,
        batch_id,
        due_at,
        None,
        None,
        0,
        None,
        0,
        0,
        0.0,
        None,
        None,
    )
