"""Statistics of the last days: what a store counted, added up, with the days of which there is nothing."""

from typing import Any

import pytest

from engine.jobs.stats import Figures, day_of
from tests.engine.api.conftest import Client
from tests.engine.api.services import NOW
from tests.engine.api.shelf import Shelf
from tests.engine.jobs.builders import a_job

TODAY = day_of(NOW)  # 2023-11-14


async def stats(client: Client, query: str = "") -> Any:
    async with client.get(f"/api/v1/jobs/stats{query}") as response:
        assert response.status == 200
        return await response.json()


def entry(date: str, **figures: Any) -> dict[str, Any]:
    nothing = {"total": 0, "completed": 0, "failed": 0, "cancelled": 0, "average_response_time": None}
    return {"date": date, **nothing, **figures}


async def test_all_figures_are_of_the_same_jobs(client: Client, shelf: Shelf) -> None:
    shelf.days[TODAY, "http"] = Figures(created=7, completed=3, failed=1, answered=4, answered_us=1_000_000)
    shelf.days[TODAY, "browser"] = Figures(created=2, cancelled=1)
    shelf.days[TODAY - 2, "http"] = Figures(created=5, completed=3, failed=2, answered=1, answered_us=4_000_000)
    shelf.days[TODAY - 3, "http"] = Figures(created=99)
    shelf.put(a_job().claimed(now=200.0, until=230.0))
    assert await stats(client, "?days=3") == {
        "total_jobs": 14,
        "status_breakdown": {"queued": 3, "running": 1, "completed": 6, "failed": 3, "cancelled": 1},
        "scraper_type_breakdown": {"browser": 2, "http": 12},
        "daily_stats": [
            entry("2023-11-12", total=5, completed=3, failed=2, average_response_time=4.0),
            entry("2023-11-13"),
            entry("2023-11-14", total=9, completed=3, failed=1, cancelled=1, average_response_time=0.25),
        ],
        "average_response_time": 1.0,
        "success_rate": pytest.approx(100 * 6 / 9),
    }


async def test_nothing_is_no_number(client: Client, shelf: Shelf) -> None:
    shelf.days[TODAY, "http"] = Figures(created=1, cancelled=1)
    answer = await stats(client)
    assert (answer["success_rate"], answer["average_response_time"]) == (None, None)


async def test_of_jobs_that_are_all_deleted_their_responses_are_left(client: Client, shelf: Shelf) -> None:
    shelf.days[TODAY, "http"] = Figures(answered=2, answered_us=1_000_000)
    answer = await stats(client)
    assert (answer["total_jobs"], answer["scraper_type_breakdown"]) == (0, {})
    assert answer["average_response_time"] == 0.5


@pytest.mark.parametrize(("query", "days"), [("", 7), ("?days=1", 1), ("?days=365", 365)])
async def test_there_is_an_entry_for_each_day_up_to_today(client: Client, query: str, days: int) -> None:
    dates = [each["date"] for each in (await stats(client, query))["daily_stats"]]
    assert (len(dates), dates[-1], dates) == (days, "2023-11-14", sorted(dates))


@pytest.mark.parametrize("query", ["?days=0", "?days=366", "?days=x", "?days=1.5", "?days=1&days=2", "?weeks=1"])
async def test_other_spans_are_refused(client: Client, query: str) -> None:
    async with client.get(f"/api/v1/jobs/stats{query}") as response:
        assert (response.status, (await response.json())["error"]) == (422, "validation_error")
