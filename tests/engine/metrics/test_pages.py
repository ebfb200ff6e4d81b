import math

import pytest

from engine.jobs.outcome import ErrorType, Outcome
from engine.jobs.query import Settled
from engine.jobs.stages import BODY, no_times
from engine.jobs.status import Status
from engine.jobs.verdict import Completed, Failed, Retry, Settlement, Verdict
from tests.engine.jobs.builders import a_failure, a_lease, a_page
from tests.engine.metrics.panel import Panel

FAILED = Failed(error_type=ErrorType.CONNECT, message="no")
AGAIN = Retry(due_at=2.0, error_type=ErrorType.HTTP_5XX, message="no")


def settle(panel: Panel, verdict: Verdict, status: Status, *, accepted: bool = True) -> None:
    outcome: Outcome = a_failure(elapsed_s=0.5) if verdict is FAILED else a_page(elapsed_s=0.5)
    settlement = Settlement(lease=a_lease(ran_s=2.0), outcome=outcome, verdict=verdict)
    panel.pages.settled([settlement], [Settled(accepted=accepted, status=status)])


def jobs(panel: Panel) -> dict[tuple[str, ...], float]:
    return {labels: count for labels, count in panel.samples("jobs_total").items() if count}


@pytest.mark.parametrize(
    ("verdict", "status", "attempt", "error"),
    [
        (Completed(), Status.COMPLETED, "success", None),
        (FAILED, Status.FAILED, "error", "connect"),
    ],
)
def test_a_job_that_ends_counts_once_with_all_its_running_time(
    verdict: Verdict, status: Status, attempt: str, error: str | None
) -> None:
    panel = Panel()
    settle(panel, verdict, status)
    assert jobs(panel) == {("http", status): 1.0}
    assert panel.shows("job_duration_seconds_sum", job_type="http") == 2.5
    assert panel.shows("scraper_requests_total", scraper_type="http", status=attempt) == 1
    assert panel.shows("scraper_response_time_seconds_sum", scraper_type="http") == 0.5
    assert sum(panel.samples("job_errors_total").values()) == (
        panel.shows("job_errors_total", error_type=error) if error else 0
    )


def test_an_attempt_that_is_tried_again_counts_as_an_error_and_ends_no_job() -> None:
    panel = Panel()
    settle(panel, AGAIN, Status.QUEUED)
    assert jobs(panel) == {}
    assert panel.shows("job_errors_total", error_type="http_5xx") == 1
    assert panel.shows("fetch_retries_total", reason="http_5xx") == 1
    assert panel.headway.per_second() == 1


def test_the_success_rate_is_of_the_last_minute_and_nothing_where_nothing_was_settled() -> None:
    panel = Panel()
    for verdict, status in [(Completed(), Status.COMPLETED)] * 3 + [(AGAIN, Status.QUEUED)]:
        settle(panel, verdict, status)
        panel.clock.turn(1)
    panel.dials.show_process()
    assert panel.shows("scraper_success_rate", scraper_type="http") == 0.75
    panel.clock.turn(3600)
    panel.dials.show_process()
    assert math.isnan(panel.shows("scraper_success_rate", scraper_type="http"))


def test_what_came_too_late_counts_as_a_refused_attempt_only() -> None:
    panel = Panel()
    settle(panel, Completed(), Status.COMPLETED, accepted=False)
    assert jobs(panel) == {}
    assert panel.shows("scraper_requests_total", scraper_type="http", status="refused") == 1
    assert panel.shows("scraper_requests_total", scraper_type="http", status="success") == 0
    assert panel.headway.per_second() is None


def stages(panel: Panel) -> dict[tuple[str, ...], float]:
    return {labels: seconds for labels, seconds in panel.samples("job_stage_seconds_sum").items() if seconds}


def of_a_batch(*began: float) -> list[Settlement]:
    """Each claimed at 0, fetched in half a second, a quarter of it for the body."""
    times = no_times()
    times[BODY] = 250_000.0
    lease = a_lease(queue_us=2_000_000)
    return [
        Settlement(lease=lease, outcome=a_page(times=times), verdict=Completed(), span=(at, at + 0.5)) for at in began
    ]


def test_the_stages_of_one_attempt_a_batch_are_shown() -> None:
    panel = Panel()
    end = Settled(accepted=True, status=Status.COMPLETED, at=20.0)
    panel.pages.settled(of_a_batch(1.0, 3.0, 9.0), [end] * 3)
    assert stages(panel) == {("queue",): 2.0, ("mailbox",): 3.0, ("body",): 0.25, ("persisting",): 16.5}
    panel.pages.settled(of_a_batch(1.0), [end])
    assert panel.shows("job_stage_seconds_count", stage="mailbox") == 2


def test_stages_that_an_attempt_did_not_have_are_not_shown_as_0() -> None:
    panel = Panel()
    panel.pages.settled(of_a_batch(1.0), [Settled(accepted=True, status=Status.COMPLETED, at=2.0)])
    assert panel.shows("job_stage_seconds_count", stage="dns") == 0


def test_of_what_came_too_late_or_was_not_measured_no_stage_is_shown() -> None:
    panel = Panel()
    panel.pages.settled(of_a_batch(1.0), [Settled(accepted=False, status=Status.CANCELLED, at=2.0)])
    settle(panel, Completed(), Status.COMPLETED)
    panel.pages.settled([], [])
    assert stages(panel) == {}


def test_every_kind_of_error_stands_there_before_the_first() -> None:
    """But cancelled, which is none."""
    kinds = set(ErrorType) - {ErrorType.CANCELLED}
    assert Panel().samples("job_errors_total") == {(str(kind),): 0.0 for kind in kinds}
