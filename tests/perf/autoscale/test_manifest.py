from pathlib import Path

import pytest

from perf.autoscale.manifest import DOWN, UP, Aim, ManifestError, Measure, Select, Source, read, scaler_of
from perf.autoscale.quantity import number_of
from tests.perf.autoscale.manifests import BACKLOG, percent, pods, rules

HERE = Path(__file__).parent
SPEC = {"scaleTargetRef": {"name": "its"}, "maxReplicas": 3, "metrics": list[object]()}
NAMED = {"metadata": {"name": "it"}}


def test_a_manifest_is_read_as_it_stands() -> None:
    scaler = read(HERE / "worker.yaml")
    assert (scaler.name, scaler.deployment, scaler.least, scaler.most) == (
        "cfscraper-worker",
        "cfscraper-worker",
        1,
        10,
    )
    assert scaler.aims == (BACKLOG,)
    assert scaler.up == rules(percent(100, 30), pods(4, 30), window_s=15)
    assert scaler.down == rules(percent(50, 60), pods(2, 60), window_s=300, select=Select.MIN)


def test_every_kind_of_metric_is_read_from_a_file_that_holds_others_too() -> None:
    assert read(HERE / "api.yaml").aims == (
        Aim(source=Source.RESOURCE, name="cpu", measure=Measure.UTILIZATION, target=70),
        Aim(source=Source.RESOURCE, name="memory", measure=Measure.AVERAGE, target=200 * 1024 * 1024),
        Aim(source=Source.PODS, name="cfscraper_requests_per_second", measure=Measure.AVERAGE, target=0.4),
        Aim(source=Source.EXTERNAL, name="cfscraper_queue_size", measure=Measure.AVERAGE, target=50_000),
    )


def test_what_is_left_out_is_as_kubernetes_has_it() -> None:
    scaler = scaler_of(NAMED | {"spec": SPEC})
    assert (scaler.least, scaler.up, scaler.down) == (1, UP, DOWN)
    assert rules(pods(4, 15), percent(100, 15), window_s=0) == UP
    assert rules(percent(100, 15), window_s=300) == DOWN


def test_speed_divides_periods_and_windows_and_nothing_else() -> None:
    scaler = read(HERE / "worker.yaml").sped(5)
    assert scaler.up == rules(percent(100, 6), pods(4, 6), window_s=3)
    assert scaler.down == rules(percent(50, 12), pods(2, 12), window_s=60, select=Select.MIN)
    assert scaler.aims == (BACKLOG,)


@pytest.mark.parametrize(
    "changed",
    [
        {"metrics": [{"type": "ContainerResource", "containerResource": {}}]},
        {"metrics": [{"type": "Resource", "resource": {"name": "cpu", "target": {"type": "Value", "value": "1"}}}]},
        {"behavior": {"scaleUp": {"tolerance": 0.05}}},
        {"behavior": {"scaleUp": {"policies": [{"type": "Cores", "value": 1, "periodSeconds": 15}]}}},
        {"maxReplicas": None, "metrics": None},
    ],
)
def test_what_is_not_simulated_is_refused(changed: dict[str, object]) -> None:
    with pytest.raises(ManifestError):
        scaler_of(NAMED | {"spec": SPEC | changed})


def test_a_file_without_an_autoscaler_is_refused(tmp_path: Path) -> None:
    (tmp_path / "none.yaml").write_text("kind: Service\n")
    with pytest.raises(ManifestError):
        read(tmp_path / "none.yaml")


@pytest.mark.parametrize(("quantity", "number"), [("60", 60), ("500m", 0.5), ("50k", 5e4), ("1Gi", 2**30), (3, 3)])
def test_a_quantity_is_a_number(quantity: str | int, number: float) -> None:
    assert number_of(quantity) == number


def test_what_is_no_quantity_is_refused() -> None:
    with pytest.raises(ValueError, match="no quantity"):
        number_of("60s")
