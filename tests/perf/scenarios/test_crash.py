"""The daemon killed ten times, each way at least once."""

from argparse import ArgumentParser

import pytest

from perf.scenarios.crash import options, run
from perf.torture.deaths import TEN


@pytest.mark.timeout(90)
def test_what_was_acknowledged_before_ten_kills_is_settled_once_after_them() -> None:
    parser = ArgumentParser()
    options(parser)
    result = run(parser.parse_args([f"--kills={len(TEN)}"]))
    assert result.broken == []
    assert result.numbers["kills"] == len(TEN)
    assert result.numbers["acknowledged"] > 100
