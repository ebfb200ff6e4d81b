"""The toll: sums of what was settled, and which of it is held against a site."""

from dataclasses import replace

import pytest

from engine.jobs.losses import SUSPECT_AFTER
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


def test_what_was_fetched_alone_says_nothing_of_many_at_once() -> None:
    toll = Toll()
    verdict = Failed(error_type=ErrorType.CONNECT, message="no")
    alone, in_company = a_lease(losses=SUSPECT_AFTER), a_lease(losses=SUSPECT_AFTER - 1)
    toll.add([replace(a_settlement(verdict, 4.0), lease=lease) for lease in (alone, in_company, alone)])
    assert (toll.ended, toll.elapsed_s, toll.troubled) == (1, 4.0, 1)


def test_what_the_request_itself_is_wrong_about_is_no_trouble_of_the_site() -> None:
    assert not TROUBLES & {ErrorType.INVALID_URL, ErrorType.ROBOTS, ErrorType.BODY_TOO_LARGE, ErrorType.CANCELLED}
    assert {ErrorType.CONNECT_TIMEOUT, ErrorType.TOTAL_TIMEOUT, ErrorType.HTTP_5XX} <= TROUBLES
