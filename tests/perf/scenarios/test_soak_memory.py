"""The daemon under a memory limit that the web and its clients do their best to break: for five minutes."""

from argparse import ArgumentParser, Namespace

import pytest

from perf.scenarios.soak_memory import options, run


def asked(*more: str) -> Namespace:
    parser = ArgumentParser()
    options(parser)
    return parser.parse_args(more)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_it_stays_inside_settles_all_and_is_fast_again_soon_after() -> None:
    result = run(asked("--minutes=5"))
    assert result.broken == []
    assert result.numbers["later"] >= 1_000_000
    assert result.numbers["accepted"] > 1000


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_a_load_that_breaks_a_limit_where_nothing_is_paid_for_stays_inside_where_it_is() -> None:
    load = ("--minutes=1", "--queued=1000", "--limit-mib=192")
    without = run(asked(*load, "--without-credits")).numbers
    assert without["peak_rss_mib"] > without["limit_mib"]
    assert run(asked(*load)).broken == []
