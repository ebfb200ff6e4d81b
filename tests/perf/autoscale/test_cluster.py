"""What kubectl tells, as it is documented: no cluster was there when these were written."""

from pathlib import Path
from typing import Any

import orjson
import pytest

from perf.autoscale.cluster import Cluster, KubectlError, cluster, standing_of
from perf.autoscale.manifest import read
from perf.autoscale.record import Standing

HERE = Path(__file__).parent
TOLD = HERE / "kubectl"
WHERE = Cluster(namespace="scraping", deployment="cfscraper-worker", hpa="cfscraper-worker")


def told(name: str) -> Any:
    return orjson.loads((TOLD / f"{name}.json").read_bytes())


def answering(script: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = folder / "kubectl"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder))


async def test_a_cluster_tells_its_scaler_and_how_it_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    answering(f'test "$1$5" = get--output=json && /bin/cat {TOLD}/$2.json', tmp_path, monkeypatch)
    async with cluster(WHERE, api="http://api.test", site="http://site.test") as (seen, scaler):
        assert scaler == read(HERE / "worker.yaml")
        assert await seen.standing() == Standing(wanted=4, ready=2, value=114.693)


async def test_what_kubectl_cannot_tell_ends_the_test_in_its_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answering("echo 'no such thing' >&2; exit 1", tmp_path, monkeypatch)
    with pytest.raises(KubectlError, match="no such thing"):
        async with cluster(WHERE, api="http://api.test", site="http://site.test"):
            pass


@pytest.mark.parametrize(
    "metrics",
    [
        None,
        [],
        [{"type": ""}],
        [{"type": "External", "external": {"metric": {"name": "another"}, "current": {"value": "1"}}}],
        [{"type": "External", "external": {"metric": {"name": "cfscraper_backlog_seconds"}, "current": {}}}],
    ],
)
def test_a_metric_that_the_controller_could_not_have_is_none(metrics: list[object] | None) -> None:
    hpa = told("hpa")
    hpa["status"]["currentMetrics"] = metrics
    assert standing_of(told("deployment"), hpa).value is None


def test_a_deployment_that_has_just_begun_has_none_ready() -> None:
    assert standing_of({"spec": {}}, told("hpa")) == Standing(wanted=1, ready=0, value=114.693)
