from engine.jobs.outcome import ErrorType
from tests.engine.metrics.panel import Panel


def moved(panel: Panel, family: str) -> dict[tuple[str, ...], float]:
    return {labels: count for labels, count in panel.samples(family).items() if count}


def test_a_job_that_ends_without_an_outcome_counts_by_its_state_and_is_an_error_unless_it_was_cancelled() -> None:
    panel = Panel()
    panel.ends.ended({ErrorType.CANCELLED: 5, ErrorType.POISON: 1})
    panel.ends.ended({ErrorType.CONNECTION_LOST: 2, ErrorType.CANCELLED: 1})
    assert moved(panel, "jobs_total") == {("http", "cancelled"): 6.0, ("http", "failed"): 3.0}
    assert moved(panel, "job_errors_total") == {("poison",): 1.0, ("connection_lost",): 2.0}


def test_it_is_no_attempt() -> None:
    panel = Panel()
    panel.ends.ended({ErrorType.POISON: 1})
    assert moved(panel, "scraper_requests_total") == {}
    assert panel.headway.per_second() is None
