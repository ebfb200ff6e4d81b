"""Moves of a job: the legal ones change what they say, the others are refused."""

import pytest

from engine.errors import IllegalMoveError
from engine.jobs.job import PRIORITY_STRETCH_S, Job, submitted
from engine.jobs.losses import DEATHS_ALONE, POISON_AFTER, SUSPECT_AFTER, put_off_s
from engine.jobs.outcome import ErrorType
from engine.jobs.status import Status
from tests.engine.jobs.builders import a_job

MOVES = {
    "claimed": lambda job: job.claimed(now=200.0, until=230.0),
    "given_back": lambda job: job.given_back(now=200.0, lost=True),
    "retrying": lambda job: job.retrying(
        now=200.0, due_at=201.0, ran_s=1.0, error_type=ErrorType.CONNECT, message="no"
    ),
    "completed": lambda job: job.completed(now=200.0, ran_s=1.0),
    "failed": lambda job: job.failed(now=200.0, ran_s=1.0, error_type=ErrorType.CONNECT, message="no"),
    "cancelled": lambda job: job.cancelled(now=200.0),
    "redriven": lambda job: job.redriven(now=200.0),
}
LEGAL = {
    (Status.QUEUED, "claimed"),
    (Status.QUEUED, "cancelled"),
    *((Status.RUNNING, move) for move in ("given_back", "retrying", "completed", "failed", "cancelled")),
    (Status.FAILED, "redriven"),
    (Status.CANCELLED, "redriven"),
}


@pytest.mark.parametrize("status", list(Status))
@pytest.mark.parametrize("move", MOVES)
def test_a_job_makes_only_legal_moves(status: Status, move: str) -> None:
    job = a_job(status=status)
    if (status, move) in LEGAL:
        assert MOVES[move](job).updated_at == 200.0
    else:
        with pytest.raises(IllegalMoveError):
            MOVES[move](job)


def test_each_claim_has_a_higher_fence_and_the_first_one_starts_the_job() -> None:
    once = a_job().claimed(now=200.0, until=230.0)
    twice = once.given_back(now=210.0).claimed(now=220.0, until=250.0)
    assert (once.fence, twice.fence, twice.started_at, twice.lease_until) == (1, 2, 200.0, 250.0)


def test_outcomes_are_counted_and_giving_back_is_none() -> None:
    running = a_job().claimed(now=200.0, until=230.0)
    back = running.given_back(now=201.0)
    lost = running.given_back(now=201.0, lost=True)
    again = MOVES["retrying"](running)
    assert [(job.attempts, job.losses) for job in (back, lost, again)] == [(0, 0), (0, 1), (1, 0)]
    assert again.is_scheduled
    assert not again.promoted().is_scheduled


def test_deaths_in_company_make_a_suspect_and_deaths_alone_make_it_poison() -> None:
    def died(job: Job, *, alone: bool) -> Job:
        return job.promoted().claimed(now=200.0, until=230.0).given_back(now=201.0, lost=True, alone=alone)

    job = a_job()
    for _ in range(10):
        job = died(job, alone=False)
    assert (job.status, job.losses, job.due_at) == (Status.QUEUED, SUSPECT_AFTER, 201.0 + put_off_s(SUSPECT_AFTER))
    for _ in range(DEATHS_ALONE - 1):
        job = died(job, alone=True)
    assert job.status is Status.QUEUED
    poison = died(job, alone=True)
    assert (poison.status, poison.error_type, poison.losses) == (Status.FAILED, ErrorType.POISON, POISON_AFTER)
    cleared = MOVES["retrying"](job.claimed(now=200.0, until=230.0))
    assert cleared.losses == 0


def test_waiting_long_enough_comes_before_being_preferred() -> None:
    def rank(created_at: float, priority: int) -> float:
        return a_job(created_at=created_at, priority=priority).rank

    assert rank(100.0, 1) < rank(100.0, 0)
    assert rank(100.0, 0) < rank(100.0 + PRIORITY_STRETCH_S + 1, 1)


def test_a_lane_is_a_host_and_a_batch() -> None:
    lanes = {job.lane for job in (a_job(), a_job(batch_id="batch_1"), a_job(batch_id="batch_2"), Job.promoted(a_job()))}
    assert lanes == {"site.test", "site.test batch_1", "site.test batch_2"}


def test_a_submitted_job_is_as_its_constructor_makes_it() -> None:
    request = a_job().request
    given = {"request": request, "scraper_type": "http", "priority": 3, "tags": ("a",), "batch_id": "b", "due_at": 7.0}
    made = submitted(job_id="job_1", now=5.0, **given)  # type: ignore[arg-type]  # each is of its own type
    assert made == Job(id="job_1", created_at=5.0, updated_at=5.0, **given)  # type: ignore[arg-type]
    assert made.claimed(now=6.0, until=7.0).fence == 1
