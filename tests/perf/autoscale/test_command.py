"""The loop closed: a database, an api, workers, the site, and the controller that starts and stops them."""

from argparse import ArgumentParser, Namespace
from pathlib import Path

import orjson
import pytest

from perf.autoscale import command
from perf.autoscale.options import options

WORKER = Path(__file__).parent / "worker.yaml"


def told(*args: str) -> Namespace:
    parser = ArgumentParser()
    options(parser)
    return parser.parse_args(args)


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_a_spike_is_followed_up_and_every_job_settled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "RESULTS", tmp_path)
    command.run(told("--test=scale-up", "--jobs=360", f"--hpa={WORKER}", "--no-prometheus"))
    (folder,) = tmp_path.iterdir()
    (result,) = (orjson.loads(path.read_bytes()) for path in folder.glob("autoscale-*.json"))
    assert result["broken"] == []
    assert "simulation" in result["settings"]["what"]
    assert result["numbers"]["replicas_most"] > 1
    assert result["numbers"]["completed"] == result["numbers"]["acknowledged"] > 360
    assert (folder / "autoscale.png").exists()


def test_a_manifest_that_is_not_there_is_told_before_anything_is_started(tmp_path: Path) -> None:
    with pytest.raises(SystemExit, match=r"none\.yaml"):
        command.run(told(f"--hpa={tmp_path / 'none.yaml'}"))


def test_a_cluster_is_not_asked_without_a_way_to_load_it() -> None:
    with pytest.raises(SystemExit, match="--site"):
        command.run(told("--namespace=scraping", "--api-url=http://api.test"))
