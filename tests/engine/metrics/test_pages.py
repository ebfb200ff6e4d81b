import pytest

from engine.jobs.outcome import ErrorType, Outcome
from engine.jobs.query import Settled
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
    assert panel.rate.per_second() == 1


def test_what_came_too_late_counts_as_a_refused_attempt_only() -> None:
    panel = Panel()
    settle(panel, Completed(), Status.COMPLETED, accepted=False)
    assert jobs(panel) == {}
    assert panel.shows("scraper_requests_total", scraper_type="http", status="refused") == 1
    assert panel.shows("scraper_requests_total", scraper_type="http", status="success") == 0
    assert panel.rate.per_second() is None


def test_every_kind_of_error_stands_there_before_the_first() -> None:
    assert Panel().samples("job_errors_total") == {(str(kind),): 0.0 for kind in ErrorType}
