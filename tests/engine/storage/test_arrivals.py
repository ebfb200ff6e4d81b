"""What is told of many new jobs is what would be told of each."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.job import Job
from engine.jobs.stats import DAY_S, day_of
from engine.jobs.status import Status
from engine.storage.arrivals import arrivals, lowest_ranks
from engine.storage.job_rows import new_row
from engine.storage.tally import SCHEDULED
from tests.contracts.jobs import new_job
from tests.contracts.stores import START

JOBS = st.lists(
    st.builds(
        new_job,
        number=st.integers(0, 9),
        host=st.sampled_from(["a.test", "b.test"]),
        created_at=st.sampled_from([START, START + 1, START + DAY_S]),
        scraper_type=st.sampled_from(["http", "browser"]),
        due_at=st.sampled_from([None, START + 60]),
        priority=st.integers(-10, 10),
    )
)


def place_of(job: Job) -> tuple[str, str, tuple[int, str]]:
    after = SCHEDULED if job.is_scheduled else Status.QUEUED
    return (job.lane, after, (day_of(job.created_at), job.scraper_type))


@given(jobs=JOBS)
def test_each_place_and_cohort_is_told_of_once_with_the_lanes_of_its_jobs(jobs: list[Job]) -> None:
    found = arrivals([new_row(job, job.lane) for job in jobs])
    assert len({each[:2] for each in found}) == len(found)
    told = Counter((lane, after, cohort) for after, cohort, lanes in found for lane in lanes)
    assert told == Counter(map(place_of, jobs))


@given(jobs=JOBS)
def test_lanes_are_told_of_as_jobs_come_to_them_with_the_lowest_rank_of_those_that_wait(jobs: list[Job]) -> None:
    found = lowest_ranks([new_row(job, job.lane) for job in jobs])
    waiting = [job for job in jobs if not job.is_scheduled]
    assert list(found) == list(dict.fromkeys(job.lane for job in waiting))
    assert all(rank == min(job.rank for job in waiting if job.lane == lane) for lane, rank in found.items())
