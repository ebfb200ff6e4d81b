"""Stories of the whole system: nothing acknowledged is lost, nothing is settled twice, nothing stays in hand."""

import os
import subprocess
import sys

import pytest

from tests.simulation.many import violation
from tests.simulation.world import simulate

AT_A_TIME = 10


@pytest.mark.parametrize("first", range(0, 200, AT_A_TIME))
def test_every_story_keeps_the_promises(first: int) -> None:
    _must_all_be_kept(range(first, first + AT_A_TIME))


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(200, 1200, 250))
def test_a_thousand_stories_more_keep_them_too(first: int) -> None:
    _must_all_be_kept(range(first, first + 250))


def test_a_seed_tells_the_same_story_each_time() -> None:
    assert len({simulate(seed) for seed in (3, 4, 5) for _ in range(2)}) == 3


def test_another_process_tells_the_same_story() -> None:
    seeds = ("3", "4", "5")
    told = {_told_by_a_process(seeds, hash_seed=hash_seed) for hash_seed in ("1", "2")}
    assert told == {"".join(f"{seed} {simulate(int(seed))}\n" for seed in seeds)}


def _must_all_be_kept(seeds: range) -> None:
    found = [broken for seed in seeds if (broken := violation(seed)) is not None]
    assert not found, "\n\n".join(map(str, found))


def _told_by_a_process(seeds: tuple[str, ...], *, hash_seed: str) -> str:
    return subprocess.run(
        [sys.executable, "-m", "tests.simulation", *seeds],
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        stdout=subprocess.PIPE,
        check=True,
        text=True,
    ).stdout
