"""The daily figures of a store in memory: counted when they are asked for."""

from collections import Counter
from collections.abc import Iterable

from engine.jobs.job import Job
from engine.jobs.outcome import Page
from engine.jobs.stats import DayFigures, Stats, day_of
from engine.jobs.status import Status


class Daily:
    """Remembers the pages that ended jobs."""

    def __init__(self) -> None:
        self._answered: Counter[tuple[int, str]] = Counter()
        self._answered_us: Counter[tuple[int, str]] = Counter()

    def answered(self, job: Job, page: Page) -> None:
        self._answered[_cohort(job)] += 1
        self._answered_us[_cohort(job)] += round(page.elapsed_s * 1_000_000)

    def stats(self, jobs: Iterable[Job], first_day: int, last_day: int) -> Stats:
        within = [job for job in jobs if first_day <= day_of(job.created_at) <= last_day]
        stand = Counter((_cohort(job), job.status) for job in within)
        created = Counter(map(_cohort, within))
        met = {cohort for cohort in self._answered if first_day <= cohort[0] <= last_day} | created.keys()
        return Stats(
            days=tuple(
                DayFigures(
                    day=cohort[0],
                    scraper_type=cohort[1],
                    created=created[cohort],
                    completed=stand[cohort, Status.COMPLETED],
                    failed=stand[cohort, Status.FAILED],
                    cancelled=stand[cohort, Status.CANCELLED],
                    answered=self._answered[cohort],
                    answered_us=self._answered_us[cohort],
                )
                for cohort in sorted(met)
            ),
            running=sum(job.status is Status.RUNNING for job in within),
        )


def _cohort(job: Job) -> tuple[int, str]:
    return day_of(job.created_at), job.scraper_type
