"""The scenario, small: how long it takes here says nothing."""

from argparse import ArgumentParser

import pytest

from perf.scenarios.exposition import MOST_BYTES, options, run


@pytest.mark.timeout(90)
def test_it_scrapes_at_rest_and_under_a_flood() -> None:
    parser = ArgumentParser()
    options(parser)
    numbers = run(parser.parse_args(["--queued=100", "--hosts=10", "--scrapes=3", "--every-ms=10"])).numbers
    assert 1_000 < numbers["series"] < numbers["bytes"] < MOST_BYTES
    for when in ("rest", "flood"):
        assert 0 < numbers[f"{when}_median_ms"] <= numbers[f"{when}_p95_ms"] <= numbers[f"{when}_most_ms"]
        assert numbers[f"{when}_held_ms"] > 0
