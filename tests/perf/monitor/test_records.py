"""A monitor's file, read after each thing that is written to it: so it would be after a kill."""

import csv
from pathlib import Path
from typing import Any

import orjson
import pytest

from perf.monitor.command import record_of
from perf.monitor.sight import Sight
from perf.monitor.summary import Summary

SIGHTS = (
    Sight(at=1.0, figures={}, gap="ConnectionError: refused, for now"),
    Sight(at=2.0, figures={"queue": 3.0, "mailbox leases": 1.0}, gap=""),
    Sight(at=3.0, figures={"queue": 4.0}, gap=""),
)


def samples_of(path: Path) -> list[dict[str, Any]]:
    if path.suffix == ".json":
        samples: list[dict[str, Any]] = orjson.loads(path.read_bytes())["samples"]
        return samples
    with path.open(newline="") as file:
        rows = [{name: value for name, value in row.items() if value} for row in csv.DictReader(file)]
    return [{name: value if name == "gap" else float(value) for name, value in row.items()} for row in rows]


def told(sight: Sight) -> dict[str, Any]:
    return {"at": sight.at, **({"gap": sight.gap} if sight.gap else {}), **sight.figures}


@pytest.mark.parametrize("name", ["watch.json", "watch.csv"])
def test_the_file_is_whole_after_each_sample_and_has_all_of_them(tmp_path: Path, name: str) -> None:
    path, summary = tmp_path / name, Summary()
    record = record_of(path, {"host": "http://here"})
    assert samples_of(path) == []
    for count, sight in enumerate(SIGHTS, 1):
        summary.add(sight)
        record.put(sight)
        assert samples_of(path) == list(map(told, SIGHTS[:count]))
    record.end(summary)
    assert samples_of(path) == list(map(told, SIGHTS))


@pytest.mark.parametrize(("name", "beside"), [("watch.json", "watch.json"), ("watch.csv", "watch.summary.json")])
def test_the_summary_comes_at_the_end(tmp_path: Path, name: str, beside: str) -> None:
    record, summary = record_of(tmp_path / name, {"host": "http://here"}), Summary()
    for sight in SIGHTS:
        summary.add(sight)
        record.put(sight)
    record.end(summary)
    found = orjson.loads((tmp_path / beside).read_bytes())
    figures = found["summary"]["figures"] if name == beside else found["figures"]
    assert figures["queue"] == {"least": 3.0, "mean": 3.5, "p95": 4.0, "most": 4.0, "samples": 2}
    assert found["about"] == {"host": "http://here"}
