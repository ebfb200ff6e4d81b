"""The daemon as it is beside one with all of it switched off; briefly, for it is the way that is tested."""

from argparse import ArgumentParser
from random import Random

import pytest

from perf.scenarios.memory_gains import ALL, jobs_of, options, run

BRIEF = ["--jobs=40", "--rounds=1", "--rest-s=0", "--sides", "nothing", ALL]


@pytest.mark.timeout(120)
def test_all_sides_fetch_all_the_pages_and_the_gain_is_told() -> None:
    parser = ArgumentParser()
    options(parser)
    found = run(parser.parse_args([*BRIEF, "--claim=-10"]))
    assert found.numbers["nothing_completed"] == found.numbers[f"{ALL}_completed"] == [40]
    assert f"{ALL}_gain" in found.numbers
    assert not found.broken
    assert found.numbers["nothing_pauses"]["count"] < found.numbers[f"{ALL}_pauses"]["count"]


def test_the_same_seed_gives_all_sides_the_same_jobs() -> None:
    assert jobs_of("http://site.test", 50, Random(3)) == jobs_of("http://site.test", 50, Random(3))
