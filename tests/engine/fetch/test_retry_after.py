"""What sites write into Retry-After, and what else may stand there."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.fetch.retry_after import retry_after_s

NOW = 784_111_777.0
"""The moment that the RFC writes in its three formats (9110, 5.6.7)."""


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0.0),
        ("120", 120.0),
        (" 7 ", 7.0),
        ("9" * 40, 9_999_999_999.0),
        ("Sun, 06 Nov 1994 08:49:37 GMT", 60.0),
        ("Sunday, 06-Nov-94 08:49:37 GMT", 60.0),
        ("Sun Nov  6 08:49:37 1994", 60.0),
        ("Sun, 06 Nov 1994 08:00:00 GMT", 0.0),
        ("-5", None),
        ("1.5", None),
        ("²", None),
        ("tomorrow", None),
        ("", None),
    ],
)
def test_seconds_and_dates_of_all_formats_are_understood(value: str, seconds: float | None) -> None:
    assert retry_after_s(value, now=NOW - 60) == seconds


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2200, 1, 1)), st.integers(-(10**6), 10**6))  # noqa: DTZ001 - made aware below
def test_a_date_is_as_far_as_it_is_ahead(moment: datetime, ahead_s: int) -> None:
    at = moment.replace(tzinfo=UTC, microsecond=0)
    value = format_datetime(at + timedelta(seconds=ahead_s), usegmt=True)
    assert retry_after_s(value, now=at.timestamp()) == max(0, ahead_s)


@given(st.text(max_size=60) | st.from_regex(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4,6} \d\d:\d\d:\d\d [A-Z+0-9]{3,6}"))
def test_whatever_stands_there_it_is_a_time_from_now_on_or_nothing(value: str) -> None:
    found = retry_after_s(value, now=NOW)
    assert found is None or found >= 0
