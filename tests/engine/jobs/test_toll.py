"""The toll: sums of what was settled, and which of it is held against a site."""

import pytest

from engine.jobs.outcome import ErrorType
from engine.jobs.toll import TROUBLES, Toll
from engine.jobs.verdict import Completed, Failed, Retry, Settlement, Verdict
from tests.engine.jobs.builders import a_failure, a_lease, a_page


def a_settlement(verdict: Verdict, elapsed_s: float) -> Settlement:
    outcome = a_page(elapsed_s=elapsed_s) if isinstance(verdict, Completed) else a_failure(elapsed_s=elapsed_s)
    return Settlement(lease=a_lease(), outcome=outcome, verdict=verdict)


@pytest.mark.parametrize("kind", ErrorType)
def test_it_sums_up_whatever_the_end_and_counts_as_trouble_what_an_overloaded_site_does(kind: ErrorType) -> None:
    toll = Toll()
    toll.add([a_settlement(Completed(), 1.0), a_settlement(Failed(error_type=kind, message="no"), 2.0)])
    toll.add([a_settlement(Retry(due_at=1.0, error_type=kind, message="no"), 4.0)])
    assert (toll.ended, toll.elapsed_s, toll.troubled) == (3, 7.0, 2 if kind in TROUBLES else 0)


def test_what_the_request_itself_is_wrong_about_is_no_trouble_of_the_site() -> None:
    assert not TROUBLES & {ErrorType.INVALID_URL, ErrorType.ROBOTS, ErrorType.BODY_TOO_LARGE, ErrorType.CANCELLED}
    assert {ErrorType.CONNECT_TIMEOUT, ErrorType.TOTAL_TIMEOUT, ErrorType.HTTP_5XX} <= TROUBLES
