"""The daemon killed ten times, each way at least once: in a file, and two of them on one server."""

from argparse import ArgumentParser

import pytest

from perf.scenarios.crash import options, run
from perf.torture.deaths import TEN


@pytest.mark.timeout(120)
@pytest.mark.parametrize("ground", [(), ("--database=postgres", "--processes=2")])
def test_what_was_acknowledged_before_ten_kills_is_settled_once_after_them(ground: tuple[str, ...]) -> None:
    parser = ArgumentParser()
    options(parser)
    result = run(parser.parse_args([f"--kills={len(TEN)}", *ground]))
    assert result.broken == []
    assert result.numbers["kills"] == len(TEN)
    assert result.numbers["acknowledged"] > 100
