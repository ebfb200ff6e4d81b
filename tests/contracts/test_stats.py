"""The contract of the daily figures: they are of the jobs that were created in a day and are there, as they stand."""

from typing import Any

from engine.jobs.command import Cancel, DeleteMany, Redrive
from engine.jobs.ports import JobStore
from engine.jobs.stats import DAY_S, DayFigures, Figures, Stats, day_of
from tests.contracts.jobs import claim, done, failed, new_job, page_with, put_off, submit
from tests.contracts.stores import START, Hand

TODAY = day_of(START)
NOON = TODAY * DAY_S + DAY_S / 2


def the_figures(*days: DayFigures, running: int = 0) -> Stats:
    return Stats(days=days, running=running)


def a_day(day: int = TODAY, scraper_type: str = "http", **counted: int) -> DayFigures:
    return DayFigures(day=day, scraper_type=scraper_type, figures=Figures(**counted))


async def today(store: JobStore) -> Stats:
    return await store.stats(TODAY, TODAY)


def at_noon(number: int, **changes: Any) -> Any:
    return new_job(number, created_at=NOON, **changes)


async def test_a_store_without_jobs_has_no_figures(store: JobStore) -> None:
    assert await store.stats(0, TODAY) == the_figures()


async def test_jobs_are_counted_where_they_stand(store: JobStore) -> None:
    await submit(store, *(at_noon(number) for number in range(7)))
    completed, broken, refused, again, _ = await claim(store, 5)
    await store.commit([Cancel(job_id="job_0005")])
    settled = [
        done(completed, page_with(elapsed_s=0.25)),
        failed(broken),
        failed(refused, page_with(status_code=503, elapsed_s=1.5)),
        put_off(again, NOON),
    ]
    for _ in range(2):  # settled twice, counted once
        await store.settle(settled)
        counted = a_day(created=7, completed=1, failed=2, cancelled=1, answered=2, answered_us=1_750_000)
        assert await today(store) == the_figures(counted, running=1)


async def test_a_job_counts_on_the_day_of_its_creation_whenever_it_ends(store: JobStore, hand: Hand) -> None:
    midnight = (TODAY + 1) * float(DAY_S)
    await submit(store, new_job(0, created_at=midnight - 0.001), new_job(1, created_at=midnight))
    hand.turn(3 * DAY_S)
    await store.settle([done(lease, page_with(elapsed_s=0.5)) for lease in await claim(store)])
    of_each: dict[str, Any] = {"created": 1, "completed": 1, "answered": 1, "answered_us": 500_000}
    assert await store.stats(TODAY, TODAY + 1) == the_figures(a_day(**of_each), a_day(TODAY + 1, **of_each))
    assert await today(store) == the_figures(a_day(**of_each))
    assert await store.stats(TODAY + 2, TODAY + 9) == the_figures()


async def test_running_jobs_of_other_days_are_not_counted(store: JobStore) -> None:
    await submit(store, *(new_job(n, created_at=NOON + n * DAY_S) for n in range(3)))
    await claim(store)
    assert (await store.stats(TODAY + 1, TODAY + 1)).running == 1


async def test_each_scraper_type_has_its_own_figures(store: JobStore) -> None:
    await submit(store, at_noon(0), at_noon(1, scraper_type="browser"), at_noon(2, scraper_type="browser"))
    await store.commit([Cancel(job_id="job_0002")])
    browser = a_day(scraper_type="browser", created=2, cancelled=1)
    assert await today(store) == the_figures(browser, a_day(created=1))


async def test_a_job_put_back_is_open_again_and_a_deleted_one_is_not_there(store: JobStore) -> None:
    await submit(store, at_noon(0), at_noon(1))
    await store.settle([failed(lease, page_with(status_code=500, elapsed_s=0.5)) for lease in await claim(store)])
    answers: dict[str, Any] = {"answered": 2, "answered_us": 1_000_000}
    await store.commit([Redrive(job_ids=("job_0000",))])
    assert await today(store) == the_figures(a_day(created=2, failed=1, **answers))
    await store.commit([DeleteMany(job_ids=("job_0001",))])
    assert await today(store) == the_figures(a_day(created=1, **answers))
    await store.commit([DeleteMany(job_ids=("job_0000",), force=True)])
    assert await today(store) == the_figures(a_day(**answers))


async def test_a_lost_job_that_may_not_be_sent_again_has_failed(store: JobStore) -> None:
    await submit(store, at_noon(0, method="POST"), at_noon(1))
    await store.give_back(await claim(store), lost=True)
    assert await today(store) == the_figures(a_day(created=2, failed=1))
