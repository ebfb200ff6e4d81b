"""How the jobs of the last days came out. All figures are of the same jobs, so they add up."""

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from functools import partial

from aiohttp import web
from pydantic import Field

from engine.api.answers import DayStats, JobStats, StatusCounts
from engine.api.fields import Integer
from engine.api.keeping import LISTED_S, Loaded
from engine.api.parameters import Parameters, read_query
from engine.api.rendering import rendered
from engine.api.services import SERVICES, Services
from engine.api.written import Written
from engine.jobs.keys import STATS
from engine.jobs.stats import Figures, Stats, day_of

EPOCH = date(1970, 1, 1)


class StatsQuery(Parameters):
    """How far back."""

    days: Integer = Field(7, ge=1, le=365, description="of how many days, in UTC and with today")


async def stats(request: web.Request) -> web.StreamResponse:
    days = read_query(request, StatsQuery).days
    services = request.app[SERVICES]
    today = day_of(services.now())
    answer = await services.keeping.lists.read(f"{STATS}:{days}:{today}", partial(_load, services, today, days))
    return Written(answer, status=200)


async def _load(services: Services, today: int, days: int) -> Loaded:
    found = await services.store.stats(today - days + 1, today)
    return rendered(_rendered(found, range(today - days + 1, today + 1))), LISTED_S


def _rendered(found: Stats, days: Sequence[int]) -> JobStats:
    by_day: defaultdict[int, Figures] = defaultdict(Figures)
    by_type: defaultdict[str, Figures] = defaultdict(Figures)
    for each in found.days:
        by_day[each.day] += each.figures
        by_type[each.scraper_type] += each.figures
    total = sum(by_day.values(), Figures())
    return JobStats(
        total_jobs=total.created,
        status_breakdown=_statuses(total, running=found.running),
        scraper_type_breakdown={kind: by_type[kind].created for kind in sorted(by_type) if by_type[kind].created},
        daily_stats=[_of_day(day, by_day[day]) for day in days],
        average_response_time=total.average_s,
        success_rate=total.success_percent,
    )


def _statuses(total: Figures, *, running: int) -> StatusCounts:
    return StatusCounts(
        queued=total.left - running,
        running=running,
        completed=total.completed,
        failed=total.failed,
        cancelled=total.cancelled,
    )


def _of_day(day: int, figures: Figures) -> DayStats:
    return DayStats(
        date=EPOCH + timedelta(days=day),
        total=figures.created,
        completed=figures.completed,
        failed=figures.failed,
        cancelled=figures.cancelled,
        average_response_time=figures.average_s,
    )
