"""What is told of many new jobs is what would be told of each."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.job import Job
from engine.jobs.stats import DAY_S, day_of
from engine.jobs.status import Status
from engine.storage.arrivals import arrivals
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
def test_each_lane_and_cohort_is_told_of_once_with_its_jobs_and_the_lowest_rank(jobs: list[Job]) -> None:
    found = {tuple(each[:3]): each for each in arrivals([new_row(job, job.lane) for job in jobs])}
    assert {place: each.jobs for place, each in found.items()} == Counter(map(place_of, jobs))
    assert all(each.rank == min(job.rank for job in jobs if place_of(job) == place) for place, each in found.items())
