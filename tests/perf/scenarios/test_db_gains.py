"""A query with and without the pool; few, for it is the way that is tested and not the speed."""

from argparse import ArgumentParser

import pytest

from perf.scenarios.db_gains import options, run

FEW = ["--users=2", "--queries=3", "--rounds=2", "--auth=trust"]


@pytest.mark.parametrize(("claim", "is_broken"), [(-100, False), (1, True)])
def test_a_run_tells_the_gain_and_whether_it_is_below_the_claim(*, claim: float, is_broken: bool) -> None:
    parser = ArgumentParser()
    options(parser)
    result = run(parser.parse_args([*FEW, f"--claim={claim}"]))
    assert bool(result.broken) is is_broken
    assert 0 < result.numbers["ratio_least"] <= result.numbers["ratio_most"]
