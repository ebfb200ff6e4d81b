"""What each outcome means for its job: the contract's status rule as a table."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.jobs.outcome import ErrorType, Extraction
from engine.jobs.verdict import RETRY_AFTER_CAP_S, RETRY_DELAY_CAP_S, Completed, Failed, Retry, retry_delay_s
from tests.engine.jobs.builders import a_failure, a_lease, a_page, a_request, the_rules

RETRIED = {408, 425, 429} | (set(range(500, 600)) - {501})


@pytest.mark.parametrize("status_code", range(200, 600))
def test_a_status_completes_the_job_unless_the_rule_names_it(status_code: int) -> None:
    verdict = the_rules().settle(a_lease(), a_page(status_code=status_code)).verdict
    assert isinstance(verdict, Retry if status_code in RETRIED else Completed)


@pytest.mark.parametrize(("status_code", "error_type"), [(429, ErrorType.HTTP_4XX), (503, ErrorType.HTTP_5XX)])
def test_a_retried_status_fails_when_no_retry_is_left_and_its_page_is_kept(
    status_code: int, error_type: ErrorType
) -> None:
    page = a_page(status_code=status_code)
    settlement = the_rules().settle(a_lease(attempts=3), page)
    assert settlement.verdict == Failed(error_type=error_type, message=f"the site answered {status_code}")
    assert settlement.page is page


def test_the_page_of_an_attempt_that_is_made_again_is_not_kept() -> None:
    assert the_rules().settle(a_lease(), a_page(status_code=503)).page is None


FINAL = [
    "invalid_url",
    "unsupported_scheme",
    "blocked_address",
    "robots",
    "body_too_large",
    "too_many_redirects",
    "tls",
    "not_cached",
    "internal",
]
PASSING = ["dns", "connect", "connect_timeout", "read_timeout", "total_timeout", "connection_lost", "bad_encoding"]


@pytest.mark.parametrize(
    ("error_type", "kind"), [(name, Failed) for name in FINAL] + [(name, Retry) for name in PASSING]
)
def test_network_failures_are_retried_and_refusals_are_not(error_type: str, kind: type) -> None:
    assert isinstance(the_rules().settle(a_lease(), a_failure(ErrorType(error_type))).verdict, kind)


@pytest.mark.parametrize(
    ("method", "retry_unsafe", "may_have_left", "kind"),
    [
        ("GET", False, True, Retry),
        ("PUT", False, True, Retry),
        ("POST", False, False, Retry),
        ("POST", False, True, Failed),
        ("PATCH", False, True, Failed),
        ("POST", True, True, Retry),
    ],
)
def test_what_may_have_left_is_sent_again_only_if_that_is_harmless_or_allowed(
    method: str, *, retry_unsafe: bool, may_have_left: bool, kind: type
) -> None:
    lease = a_lease(request=a_request(method=method, retry_unsafe=retry_unsafe))
    failure = a_failure(ErrorType.CONNECTION_LOST, may_have_left=may_have_left)
    assert isinstance(the_rules().settle(lease, failure).verdict, kind)


def test_a_post_that_was_answered_503_is_not_sent_again() -> None:
    assert isinstance(
        the_rules().settle(a_lease(request=a_request(method="POST")), a_page(status_code=503)).verdict, Failed
    )


def test_no_retry_once_the_attempts_have_used_the_time_of_the_job() -> None:
    lease = a_lease(ran_s=290.0)
    assert isinstance(the_rules(job_timeout_s=300).settle(lease, a_failure(elapsed_s=11.0)).verdict, Failed)


ATTEMPTS = st.integers(0, 9) | st.integers(0, 10**6)
FIRST_S = st.floats(0, 60)
DRAWN = st.floats(0, 1, exclude_max=True)
ASKED_S = st.none() | st.floats(0, 1e10)


@given(ATTEMPTS, FIRST_S, ASKED_S, DRAWN)
def test_a_retry_waits_what_was_asked_for_and_some_of_its_doubled_delay(
    attempts: int, first_s: float, asked_s: float | None, drawn: float
) -> None:
    waited_s = retry_delay_s(first_s=first_s, attempts=attempts, asked_s=asked_s, drawn=drawn)
    least_s = min(asked_s or 0.0, RETRY_AFTER_CAP_S)
    grown_s = min(first_s * 2 ** min(attempts, 100), RETRY_DELAY_CAP_S)
    assert least_s <= waited_s <= least_s + grown_s
    assert waited_s <= RETRY_AFTER_CAP_S + RETRY_DELAY_CAP_S


@given(ATTEMPTS, FIRST_S, DRAWN)
def test_the_jitter_is_full(attempts: int, first_s: float, drawn: float) -> None:
    """What is drawn reaches from nothing to the whole delay, and evenly."""

    def waited_s(drawn: float) -> float:
        return retry_delay_s(first_s=first_s, attempts=attempts, asked_s=None, drawn=drawn)

    assert waited_s(0.0) == 0.0
    assert waited_s(drawn) == pytest.approx(drawn * waited_s(1.0))


@pytest.mark.parametrize(("attempts", "most_s"), [(0, 1.0), (1, 2.0), (2, 4.0), (8, 256.0), (9, 300.0), (500, 300.0)])
def test_the_delay_doubles_up_to_its_cap(attempts: int, most_s: float) -> None:
    lease = a_lease(attempts=attempts, request=a_request(max_retries=1000, delay_between_retries_s=1.0))
    verdict = the_rules(drawn=1.0).settle(lease, a_failure()).verdict
    assert isinstance(verdict, Retry)
    assert verdict.due_at == pytest.approx(1000.0 + most_s)


@pytest.mark.parametrize(("asked_s", "waited_s"), [(7.0, 7.5), (1e9, 3600.5), (0.1, 0.6), (None, 0.5)])
def test_what_the_site_asks_for_is_waited_up_to_an_hour_with_the_jitter_on_top(
    asked_s: float | None, waited_s: float
) -> None:
    verdict = the_rules(drawn=0.5).settle(a_lease(), a_page(status_code=429, retry_after_s=asked_s)).verdict
    assert isinstance(verdict, Retry)
    assert verdict.due_at == pytest.approx(1000.0 + waited_s)


def test_an_attempt_gets_what_is_left_of_the_jobs_time_but_at_least_a_second() -> None:
    rules = the_rules(job_timeout_s=40)
    assert [rules.timeout_s(a_lease(ran_s=ran_s)) for ran_s in (0.0, 25.0, 39.9)] == [30.0, 15.0, 1.0]


def test_a_settlement_weighs_its_body_and_what_was_taken_out_of_it() -> None:
    text, links, fields = "a" * 1000, ("b" * 500,) * 3, {"one": "c" * 200, "many": ["d" * 100] * 2, "none": None}
    found = Extraction(text=text, links=links, fields=fields)
    settlement = the_rules().settle(a_lease(), a_page(body=b"e" * 50, extraction=found))
    assert 3100 + 50 <= settlement.outcome.weight < 3100 + 50 + 100 * 8
    assert the_rules().settle(a_lease(), a_failure()).outcome.weight == 0
