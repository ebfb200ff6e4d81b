"""Reads with and without caches and a blocking call; few, for it is the way that is tested and not the speed."""

from argparse import ArgumentParser

import pytest

from perf.scenarios.api_gains import options, run

FEW = ["--jobs=2", "--clients=2", "--requests=4", "--rounds=2"]


@pytest.mark.parametrize(("claim", "broken"), [(-100, 0), (1, 12)])
def test_a_run_tells_each_gain_and_which_are_below_the_claim(*, claim: float, broken: int) -> None:
    parser = ArgumentParser()
    options(parser)
    result = run(parser.parse_args([*FEW, f"--claim={claim}"]))
    assert len(result.broken) == broken
    assert result.numbers["stats_cached_p50_ms"] > 0
    assert result.numbers["list_both_gain_least"] <= result.numbers["list_both_gain_most"] < 1
