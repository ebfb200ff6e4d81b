"""An earlier run as a measure: of the same machine and settings only, and each figure with its margin."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import orjson
import pytest

from perf.validate.baseline import BaselineError, against, is_worse, read
from perf.validate.targets import TARGETS
from perf.validate.verdicts import Outcome, verdicts
from tests.perf.validate.recorded import a_run

FACTS = {
    "scenario": "validate",
    "settings": {"database": "postgres", "redis": True, "host": None, "duration": 600.0},
    "machine": {"cpu": "of one kind", "cores": 2},
    "commit": "0123456789",
}
FOUND = verdicts(a_run())
EARLIER: dict[str, Any] = {**FACTS, "numbers": {each.name: each.value for each in FOUND}}


def test_a_run_against_itself_is_no_regression() -> None:
    found = against(EARLIER, FOUND, FACTS)
    assert (found.outcome, found.value) == (Outcome.MET, 0)


@pytest.mark.parametrize("name", [target.name for target in TARGETS if target.margin])
def test_a_figure_that_grew_much_worse_is_a_regression_and_one_that_grew_better_is_none(name: str) -> None:
    target = next(target for target in TARGETS if target.name == name)
    by = 1000.0 if target.wants_less else -1000.0
    worse = [replace(each, value=(each.value or 0.0) + by) if each.name == name else each for each in FOUND]
    better = [replace(each, value=(each.value or 0.0) - by) if each.name == name else each for each in FOUND]
    found = against(EARLIER, worse, FACTS)
    assert found.outcome is Outcome.MISSED
    assert name in found.note
    assert against(EARLIER, better, FACTS).outcome is Outcome.MET


def test_a_margin_is_the_larger_of_its_part_and_its_least() -> None:
    submit = TARGETS[0]
    assert not is_worse(submit, 5.0, 15.0)
    assert is_worse(submit, 5.0, 15.1)
    assert not is_worse(submit, 60.0, 90.0)
    assert is_worse(submit, 60.0, 90.1)


@pytest.mark.parametrize(
    "changed",
    [
        {"machine": {"cpu": "of another kind"}},
        {"settings": {"database": "sqlite", "redis": True, "host": None, "duration": 600.0}},
        {"numbers": {}},
    ],
)
def test_what_is_not_alike_is_not_compared(changed: dict[str, Any]) -> None:
    assert against({**EARLIER, **changed}, FOUND, FACTS).outcome is Outcome.NOT_MEASURED
    assert against(None, FOUND, FACTS).outcome is Outcome.NOT_MEASURED


@pytest.mark.parametrize("text", ["", "{}", '{"scenario": "load", "numbers": {}}', "[]"])
def test_a_file_of_something_else_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "of.json"
    path.write_text(text)
    with pytest.raises(BaselineError, match=r"of\.json"):
        read(path)


def test_what_was_written_is_read_back(tmp_path: Path) -> None:
    path = tmp_path / "of.json"
    path.write_bytes(orjson.dumps(EARLIER))
    assert read(path) == EARLIER
