"""A scenario read back from what it left on the disk, whole or broken off."""

from math import isnan
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from perf.load.section import Section, rates
from perf.load.shapes import shape_of
from tests.perf.load.recorded import SECONDS, a_run

SHAPE = shape_of("baseline", lasts_s=12)


def test_seconds_and_calls_are_read_as_they_were_written(tmp_path: Path) -> None:
    section = Section.read(a_run(tmp_path / "baseline"), shape=SHAPE, is_complete=True)
    assert [moment.users for moment in section.moments] == [min(at, 5) for at in range(SECONDS)]
    assert section.moments[-1].at_s == SECONDS - 1.25
    assert [(moment.requests, moment.refused, moment.failures) for moment in section.moments[-2:]] == [
        (100, 10, 5),
        (110, 11, 6),
    ]
    assert isnan(section.moments[0].p50_ms)
    assert (section.moments[-1].p50_ms, section.moments[-1].p99_ms) == (10, 17)


def test_the_numbers_tell_refused_and_failed_apart(tmp_path: Path) -> None:
    section = Section.read(a_run(tmp_path / "baseline"), shape=SHAPE, is_complete=True)
    numbers = section.numbers()
    assert (numbers["requests"], numbers["failures"], numbers["refused"]) == (110, 6, 11)
    assert numbers["server"] == {
        "pages": 77,
        "jobs_failed": 0,
        "pages_per_s_most": 7.0,
        "queue_most": 3,
        "rss_mib_most": 100,
        "cpu_percent_mean": 25.0,
        "cpu_percent_most": 25.0,
        "loop_lag_ms_most": 4.0,
    }
    assert section.broken() == ["baseline: 6 failures"]


def test_one_that_was_broken_off_before_its_first_user_is_told_too(tmp_path: Path) -> None:
    section = Section.read(tmp_path / "baseline", shape=SHAPE, is_complete=False)
    assert section.numbers()["requests"] == 0
    assert section.broken() == ["baseline: broken off"]


def test_a_line_that_was_cut_in_the_middle_is_left_out(tmp_path: Path) -> None:
    folder = a_run(tmp_path / "baseline")
    for name in ("locust_stats_history.csv", "server.csv"):
        text = (folder / name).read_text()
        (folder / name).write_text(text[: len(text) - 12])
    section = Section.read(folder, shape=SHAPE, is_complete=False)
    assert len(section.moments) == len(section.server["at_s"]) == SECONDS - 1


@given(per_s=st.floats(0, 1000), gaps_s=st.lists(st.floats(0.1, 10), min_size=1, max_size=50))
def test_a_steady_count_has_its_rate_at_every_point_but_the_first(per_s: float, gaps_s: list[float]) -> None:
    at_s = [sum(gaps_s[:number]) for number in range(len(gaps_s) + 1)]
    first, *others = rates(at_s, [at * per_s for at in at_s])
    assert isnan(first)
    assert all(abs(rate - per_s) <= 1e-6 * max(per_s, 1) or isnan(rate) for rate in others)
