"""The leak detector, on what was seen of real daemons and on what can be made of it.

The series were recorded by `python -m perf.leaks.record NAME FILE`, a line a second: seconds, RSS, bytes in caches,
blocks, pages. On two shared cores with much else to do, Python 3.11, 60 pages a second:

- planted: 1,049 bytes of each page are kept
- clean: nothing is
- caching: each result is read, and the cache of 400 MB fills until long after the warm-up (at a load that was uneven)
- steps: 20, 60, 10, 120 and 60 pages a second, some minutes each
- sawtooth: 20 KB of each page end in a cycle, and are collected every 4,000 pages
- idle: nothing to do after 90 seconds
"""

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.memory.leaks import BUCKET_S, BUCKETS, MEBIBYTE, Detector, Leak, Sample
from tests.engine.memory.recordings import series

CLEAN = ["clean", "caching", "steps", "sawtooth", "idle"]
WINDOW_S = BUCKET_S * BUCKETS


def found(samples: Iterable[Sample]) -> list[tuple[float, Leak]]:
    detector = Detector()
    return [(each.at, leak) for each in samples if (leak := detector.judge(each)) is not None]


def leaking(samples: Iterable[Sample], *, per_page: int = 0, per_s: float = 0) -> list[Sample]:
    """As if so many bytes more had stayed."""
    return [replace(each, rss_bytes=each.rss_bytes + int(per_page * each.pages + per_s * each.at)) for each in samples]


def test_a_planted_leak_is_found_within_ten_minutes() -> None:
    ((at, leak),) = found(series("planted"))
    assert at < 600
    assert leak.kind == "bytes"
    assert leak.per_1000_pages == pytest.approx(MEBIBYTE, rel=0.25)
    report = leak.report()
    assert report["pages"] == leak.pages
    assert report["least_per_1000_pages"] <= report["per_1000_pages"] <= report["most_per_1000_pages"]  # type: ignore[operator]


@pytest.mark.parametrize("name", CLEAN)
def test_what_does_not_leak_raises_no_alarm(name: str) -> None:
    assert not found(series(name))


@pytest.mark.parametrize("name", ["clean", "sawtooth"])
def test_the_same_leak_is_found_in_whatever_else_goes_on(name: str) -> None:
    told = found(leaking(series(name), per_page=1049))
    assert told
    assert told[0][0] < 600


def test_a_leak_by_time_is_found_where_there_is_no_work() -> None:
    ((_, leak),) = found(leaking(series("idle"), per_s=64 * MEBIBYTE / 3600))
    assert leak.pages == 0
    assert leak.report()["per_1000_pages"] is None
    assert leak.per_hour == pytest.approx(64 * MEBIBYTE, rel=0.2)


def test_objects_that_leak_into_memory_that_is_there_already_are_found() -> None:
    more = [replace(each, blocks=each.blocks + 3 * each.pages) for each in series("clean")]
    ((at, leak),) = found(more)
    assert (at < 600, leak.kind) == (True, "objects")
    assert leak.per_1000_pages == pytest.approx(3000, rel=0.3)


def test_objects_of_a_cache_that_fills_are_none() -> None:
    filling = [
        replace(each, held_bytes=10**6 * int(each.at), rss_bytes=10**6 * int(each.at)) for each in series("clean")
    ]
    assert not found([replace(each, blocks=each.blocks + 3 * each.pages) for each in filling])


def test_a_leak_is_told_once_and_again_when_it_goes_on_for_another_window() -> None:
    samples = [
        Sample(at=float(at), rss_bytes=10**8 + 10**5 * at, held_bytes=0, blocks=10**5, pages=60 * at)
        for at in range(2000)
    ]
    times = [at for at, _ in found(samples)]
    assert len(times) == 5
    assert all(later - earlier >= WINDOW_S for earlier, later in pairwise(times))


@settings(deadline=None, max_examples=20)
@example(when=0, step_mib=0, saw_s=88, saw_mib=10)
@given(
    when=st.integers(0, 1000),
    step_mib=st.integers(-50, 50),
    saw_s=st.integers(5, 120),
    saw_mib=st.integers(0, 50),
)
def test_no_step_and_no_sawtooth_is_a_leak(when: int, step_mib: int, saw_s: int, saw_mib: int) -> None:
    """Two steps within a window may look like one."""

    def height(at: int) -> int:
        stepped = step_mib if at >= when else 0
        return (200 + stepped) * MEBIBYTE + saw_mib * MEBIBYTE * (at % saw_s) // saw_s

    assert not found(
        Sample(at=float(at), rss_bytes=height(at), held_bytes=0, blocks=10**5, pages=60 * at)
        for at in range(0, 1000, 5)
    )


@settings(deadline=None, max_examples=20)
@given(mib=st.integers(10, 500), half_life_s=st.integers(10, 150))
def test_what_fills_up_and_comes_to_rest_is_none(mib: int, half_life_s: int) -> None:
    assert not found(
        Sample(
            at=float(at),
            rss_bytes=int((100 + mib * (1 - 0.5 ** (at / half_life_s))) * MEBIBYTE),
            held_bytes=0,
            blocks=10**5,
            pages=60 * at,
        )
        for at in range(0, 1500, 5)
    )


def test_a_load_that_changes_is_not_judged() -> None:
    def pages(at: int) -> int:
        return 20 * at if at < 300 else 6000 + 60 * (at - 300)

    assert not found(
        Sample(at=float(at), rss_bytes=10**8 + 4000 * pages(at), held_bytes=0, blocks=10**5, pages=pages(at))
        for at in range(540)
    )
