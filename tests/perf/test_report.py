import sqlite3
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest

from perf.pairs import Pairs
from perf.report import Result, read, this_commit, this_machine, written

AT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


def test_a_result_names_the_machine_and_the_commit(tmp_path: Path) -> None:
    path = written(
        Result(scenario="some", settings={"n": 1}, numbers={"a_s": 0.5}, taken_at=AT), folder=tmp_path / "new"
    )
    read = orjson.loads(path.read_bytes())
    assert (read["scenario"], read["settings"], read["numbers"]) == ("some", {"n": 1}, {"a_s": 0.5})
    assert read["machine"] == asdict(this_machine())
    assert read["machine"]["sqlite"] == sqlite3.sqlite_version
    assert read["commit"] == this_commit()


def test_a_result_is_never_written_over_another(tmp_path: Path) -> None:
    result = Result(scenario="some", settings={}, numbers={}, taken_at=AT)
    written(result, folder=tmp_path)
    with pytest.raises(FileExistsError):
        written(result, folder=tmp_path)


def test_a_commit_is_unknown_outside_a_repository(tmp_path: Path) -> None:
    assert this_commit(checkout=tmp_path) == "unknown"


def test_what_was_written_is_read_with_its_single_pairs(tmp_path: Path) -> None:
    pairs = {"pages": Pairs(unit="pages/s", ours=[1.0, 3.0], bare=[2.0, 4.0])}
    result = Result(scenario="some", settings={"n": 1}, numbers={"a_s": 0.5}, pairs=pairs, broken=[], taken_at=AT)
    assert read(written(result, folder=tmp_path)) == result
    assert result.pairs["pages"].spread() == {"ratio": 0.625, "ratio_least": 0.5, "ratio_most": 0.75}


@pytest.mark.parametrize("told", ["", "{}", "[]", '{"machine": {}, "taken_at": "now"}'])
def test_what_is_no_result_is_told_so(told: str, tmp_path: Path) -> None:
    path = tmp_path / "some.json"
    path.write_text(told)
    with pytest.raises(ValueError, match="no result"):
        read(path)
