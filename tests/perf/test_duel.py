from pathlib import Path

import pytest

from perf.duel import Side, duel
from perf.process import ProcessError
from perf.trial import FAILURES, Trial, taken
from perf.verdict import Ruling


async def test_two_sides_are_measured_in_turn() -> None:
    ours, bare = await duel(Side(bench="hop"), Side(bench="hop", is_bare=True), number=0, slices=1)
    assert ours > 100
    assert bare > 100


async def test_a_side_that_cannot_be_measured_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ProcessError, match="hop cannot be measured"):
        await duel(Side(bench="hop", tree=tmp_path), Side(bench="hop", tree=tmp_path), number=0)


async def test_a_trial_of_such_a_side_is_given_up_undecided(tmp_path: Path) -> None:
    nowhere = Side(bench="hop", tree=tmp_path)
    trial = Trial(ours=nowhere, theirs=nowhere)
    await taken([trial], pairs=FAILURES + 1)
    assert trial.ruling is Ruling.UNDECIDED
    assert "cannot be measured" in str(trial)
