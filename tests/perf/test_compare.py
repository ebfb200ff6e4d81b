from dataclasses import replace
from pathlib import Path

import pytest

from perf.__main__ import main
from perf.compare import differences, exit_code, side_by_side
from perf.pairs import Pairs
from perf.report import Result, written
from perf.verdict import Verdict

STEADY = [1.0, 1.01, 0.99, 1.0, 1.005]


def a_result(*, ours: float = 1000.0, bare: float = 4000.0, pages: int = 100) -> Result:
    pairs = Pairs(unit="pages/s", ours=[ours * each for each in STEADY], bare=[bare] * len(STEADY))
    return Result(scenario="some", settings={"pages": pages}, numbers={"pages_per_s": ours}, pairs={"pages": pairs})


def verdicts(a: Result, b: Result) -> dict[str, Verdict | None]:
    return {line.name: line.verdict for line in side_by_side(a, b)}


def test_pairs_are_judged_and_single_numbers_are_not() -> None:
    told = verdicts(a_result(), a_result(ours=900.0))
    assert told == {"pages_per_s": None, "pages, pages/s": Verdict.WORSE, "pages, of the bare side": Verdict.WORSE}


def test_on_another_machine_only_the_ratio_to_the_bare_side_is_judged() -> None:
    here = a_result()
    there = replace(a_result(ours=500.0, bare=2000.0), machine=replace(here.machine, cpu="another"))
    assert verdicts(here, there)["pages, pages/s"] is None
    assert verdicts(here, there)["pages, of the bare side"] is Verdict.ALIKE
    assert len(differences(here, there)) == 1


def test_under_other_settings_absolute_figures_are_not_judged() -> None:
    assert verdicts(a_result(), a_result(pages=200))["pages, pages/s"] is None


@pytest.mark.parametrize(("ours", "code"), [(1000.0, 0), (1100.0, 0), (900.0, 1)])
def test_worse_is_an_exit_code(ours: float, code: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    a, b = (written(a_result(ours=each), folder=tmp_path) for each in (1000.0, ours))
    with pytest.raises(SystemExit) as ended:
        main(["compare", str(a), str(b)])
    assert ended.value.code == code
    assert "pages, of the bare side" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong", [["no-such-file", "no-such-commit"], [__file__, __file__], [".", ".", "--bench=none"]]
)
def test_what_cannot_be_compared_is_said(wrong: list[str]) -> None:
    with pytest.raises(SystemExit, match=r"neither|no result|no bench"):
        main(["compare", *wrong])


def test_nothing_judged_is_nothing_worse() -> None:
    assert exit_code([]) == 0
