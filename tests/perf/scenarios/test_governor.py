"""The governor beside a fixed width and in trouble; briefly, for it is the way that is tested and not the speed."""

from argparse import ArgumentParser

import pytest

from perf.scenarios.governor import options, run

BRIEF = ["--delays-ms=50", "--widths=16", "--cold-s=1.5", "--measure-s=1", "--trouble-s=0"]


@pytest.mark.timeout(120)
def test_a_run_tells_what_was_reached_and_how_soon_half_the_width_was_gone() -> None:
    parser = ArgumentParser()
    options(parser)
    numbers = run(parser.parse_args([*BRIEF, "--troubles", "failing"])).numbers
    assert numbers["50_ms_of_best"] > 0
    assert numbers["50_ms_best_width"] == 16
    assert numbers["50_ms_failing"]["half_s"] is not None
