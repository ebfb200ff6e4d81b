"""Reads with the caches and without; few, for it is the way that is tested and not the speed."""

from argparse import ArgumentParser

import pytest

from perf.scenarios.api_gains import options, run

FEW = ["--jobs=2", "--clients=2", "--requests=4", "--rounds=1"]


@pytest.mark.parametrize(("claim", "broken"), [(-100, 0), (1, 4)])
def test_a_run_tells_each_gain_and_which_are_below_the_claim(*, claim: float, broken: int) -> None:
    parser = ArgumentParser()
    options(parser)
    result = run(parser.parse_args([*FEW, f"--claim={claim}"]))
    assert len(result.broken) == broken
    assert result.numbers["stats_cached_p50_ms"] > 0
