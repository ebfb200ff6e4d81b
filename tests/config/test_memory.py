"""What may be said of memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.memory import LEAST_BYTES, MOST_BYTES
from tests.config.test_settings import load, refusal

MEBIBYTE = 1 << 20


@pytest.mark.parametrize(
    ("told", "meant"),
    [
        ("auto", None),
        ("AUTO", None),
        (str(5 * MEBIBYTE), 5 * MEBIBYTE),
        ("2048K", 2 * MEBIBYTE),
        ("512M", 512 * MEBIBYTE),
        ("512MiB", 512 * MEBIBYTE),
        ("512 mb", 512 * MEBIBYTE),
        ("1G", 1024 * MEBIBYTE),
        ("1Ti", MEBIBYTE * MEBIBYTE),
    ],
)
def test_a_size_is_read_however_it_is_written(told: str, meant: int | None) -> None:
    settings = load(MEMORY_LIMIT=told, MEMORY_BUDGET=told)
    assert (settings.memory_limit, settings.memory_budget) == (meant, meant)


@pytest.mark.parametrize(
    "told", ["512X", "0", "-1", "1.5G", "half", "1023K", "1G 1", "5000000i", "9999T", "\u0665M", str(LEAST_BYTES - 1)]
)
def test_what_is_no_size_or_leaves_no_room_is_refused_in_a_line(told: str) -> None:
    (line,) = refusal(MEMORY_LIMIT=told)
    assert "512M" in line


@given(st.integers(LEAST_BYTES, MOST_BYTES))
def test_a_number_of_bytes_is_taken_as_it_is(told: int) -> None:
    assert load(MEMORY_LIMIT=str(told)).memory_limit == told


@pytest.mark.parametrize("told", ["0", "1", "-0.5", "70", "nan", "inf", "some"])
def test_a_part_is_more_than_nothing_and_less_than_all(told: str) -> None:
    (line,) = refusal(MEMORY_HIGH=told)
    assert line.startswith("MEMORY_HIGH=")
    (line,) = refusal(MEMORY_CRITICAL=told)
    assert line.startswith("MEMORY_CRITICAL=")


@given(st.floats(0.001, 0.999))
def test_what_is_critical_is_above_high_also_where_only_high_was_told(high: float) -> None:
    settings = load(MEMORY_HIGH=str(high))
    assert high < settings.memory_critical < 1
    (line,) = refusal(MEMORY_HIGH=str(high), MEMORY_CRITICAL=str(high))
    assert line.startswith("MEMORY_CRITICAL=")
    assert "MEMORY_HIGH" in line


def test_by_default_it_is_the_container_s_limit_and_these_parts_of_it() -> None:
    settings = load()
    assert (settings.memory_limit, settings.memory_budget, settings.memory_restart) == (None, None, "exec")
    assert (settings.memory_high, settings.memory_critical) == (0.70, 0.85)
