"""The daily figures of a store in memory: counted when they are asked for."""

from collections.abc import Iterable

from engine.jobs.job import Job
from engine.jobs.outcome import Page
from engine.jobs.stats import DayFigures, Figures, Stats, day_of
from engine.jobs.status import Status


class Daily:
    """Remembers the pages that ended jobs."""

    def __init__(self) -> None:
        self._answers: dict[tuple[int, str], Figures] = {}

    def answered(self, job: Job, page: Page) -> None:
        one = Figures(answered=1, answered_us=round(page.elapsed_s * 1_000_000))
        self._answers[_cohort(job)] = self._answers.get(_cohort(job), Figures()) + one

    def stats(self, jobs: Iterable[Job], first_day: int, last_day: int) -> Stats:
        within = [job for job in jobs if first_day <= day_of(job.created_at) <= last_day]
        found = {cohort: figures for cohort, figures in self._answers.items() if first_day <= cohort[0] <= last_day}
        for job in within:
            found[_cohort(job)] = found.get(_cohort(job), Figures()) + _figures(job)
        return Stats(
            days=tuple(DayFigures(day=day, scraper_type=kind, figures=found[day, kind]) for day, kind in sorted(found)),
            running=sum(job.status is Status.RUNNING for job in within),
        )


def _figures(job: Job) -> Figures:
    return Figures(
        created=1,
        completed=job.status is Status.COMPLETED,
        failed=job.status is Status.FAILED,
        cancelled=job.status is Status.CANCELLED,
    )


def _cohort(job: Job) -> tuple[int, str]:
    return day_of(job.created_at), job.scraper_type
