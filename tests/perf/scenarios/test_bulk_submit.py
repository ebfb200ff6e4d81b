"""Bulk submits beside bare inserts; few, for it is the way that is tested and not the speed."""

import os
from argparse import ArgumentParser

import pytest

from perf.scenarios.bulk_submit import options, run

A_CPU = min(os.sched_getaffinity(0))


@pytest.mark.parametrize(("bar", "is_broken"), [(0, False), (1000, True)])
def test_a_run_tells_the_ratio_and_whether_it_is_below_the_bar(*, bar: float, is_broken: bool) -> None:
    parser = ArgumentParser()
    options(parser)
    result = run(parser.parse_args(["--jobs=50", "--rounds=2", f"--server-cpu={A_CPU}", f"--bar={bar}"]))
    assert (result.numbers["ratio"] > 0, bool(result.broken)) == (True, is_broken)
