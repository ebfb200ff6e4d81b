"""A query with and without the pool, the hot ones with and without indexes; few, for it is the way that is tested and
not the speed.
"""

from argparse import ArgumentParser

import pytest

from perf.scenarios.db_gains import options, run

FEW = ["--users=2", "--queries=3", "--rounds=2", "--auth=trust", "--jobs=20000", "--index-rounds=1", "--repeats=1"]


@pytest.mark.parametrize(("claim", "broken"), [(-100, 0), (1, 9)])
def test_a_run_tells_each_gain_and_which_are_below_the_claim(*, claim: float, broken: int) -> None:
    parser = ArgumentParser()
    options(parser)
    result = run(parser.parse_args([*FEW, f"--claim={claim}"]))
    assert len(result.broken) == broken
    assert 0 < result.numbers["ratio_least"] <= result.numbers["ratio_most"]
    assert result.numbers["list_by_tag_bare_p50_ms"] > 0
