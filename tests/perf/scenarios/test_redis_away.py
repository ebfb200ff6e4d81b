"""Reads while the Redis goes and comes; short, for it is the way that is tested and not the speed."""

from argparse import ArgumentParser

import pytest

from perf.scenarios.redis_away import options, run
from tests.servers.valkey import valkey

FEW = ["--jobs=4", "--rate=50", "--span=0.5", "--rounds=1"]


@pytest.mark.parametrize(("bar", "broken"), [(10_000, 0), (0, 4)])
def test_no_read_fails_while_it_is_away_and_a_run_tells_what_is_above_the_bar(*, bar: float, broken: int) -> None:
    with valkey():
        parser = ArgumentParser()
        options(parser)
    result = run(parser.parse_args([*FEW, f"--bar={bar}"]))
    assert len([each for each in result.broken if "busy" not in each]) == broken
    assert result.numbers["failed"] == 0
    assert result.numbers["requests"] > 0
    assert result.numbers["hung_heals_s"] > 0
