"""What the scalers look at exists, means what it should, and is the same for both of them."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import CollectorRegistry

from engine.metrics.catalogue import Catalogue
from tests.k8s.manifests import Manifest, built, of_kind, read, the

ROLES = ("api", "worker")
SYNC_S = 15
"""How often Kubernetes looks, unless its controller is told otherwise."""
UP_WITHIN_S = 60
ASKED = re.compile(r"(\w+)\{")


def hpa(role: str) -> Manifest:
    spec: Manifest = the(built("prod"), "HorizontalPodAutoscaler", f"cfscraper-{role}")["spec"]
    return spec


def keda(role: str) -> Manifest:
    spec: Manifest = the(built("prod-keda"), "ScaledObject", f"cfscraper-{role}")["spec"]
    return spec


def rules(kind: str) -> dict[str, Any]:
    """Of prometheus-adapter, by the name under which it tells them."""
    return {each["name"]["as"]: each for each in read("prometheus-adapter/values.yaml")["rules"][kind]}


def asked(role: str) -> dict[str, tuple[str, str, str]]:
    """What the scaler asks of the adapter: kind of rule, kind of target, target."""
    found = {}
    for metric in hpa(role)["metrics"]:
        if metric["type"] in ("External", "Pods"):
            about = metric[metric["type"].lower()]
            target = {"External": "external", "Pods": "custom"}[metric["type"]]
            kind = about["target"]["type"]
            found[about["metric"]["name"]] = (target, kind, about["target"][kind[0].lower() + kind[1:]])
    return found


def queries() -> dict[str, str]:
    """Of both scalers, as Prometheus is asked, in the namespace of production."""
    filled = {"<<.LabelMatchers>>": 'namespace="cfscraper"', "<<.GroupBy>>": "pod"}
    found = {}
    for rule in (rule for kind in ("custom", "external") for rule in rules(kind).values()):
        query = rule["metricsQuery"].replace("<<.Series>>", ASKED.findall(rule["seriesQuery"])[0])
        for placeholder, value in filled.items():
            query = query.replace(placeholder, value)
        found[rule["name"]["as"]] = query
    triggers = [trigger for role in ROLES for trigger in keda(role)["triggers"] if trigger["type"] == "prometheus"]
    return found | {trigger["name"]: trigger["metadata"]["query"] for trigger in triggers}


def metrics() -> set[str]:
    registry = CollectorRegistry()
    described = vars(Catalogue(registry=registry, version="0", name="any")).values()
    lazily = {each.args[0] for each in described if isinstance(each, partial)}
    return lazily | {sample for family in registry.collect() for sample in (family.name, f"{family.name}_total")}


def strangers(asking: Iterable[str]) -> set[str]:
    """What is asked for and is no metric of ours."""
    return {name for query in asking for name in ASKED.findall(query)} - metrics()


def test_every_metric_that_is_asked_for_exists() -> None:
    assert len(queries()) == 6
    assert not strangers(queries().values())


def test_a_metric_that_does_not_exist_is_found() -> None:
    assert strangers(['max(backlog_second{pod="a"} >= 0) + sum(active_jobs{})']) == {"backlog_second"}


@pytest.mark.parametrize("role", ROLES)
def test_the_adapter_tells_what_the_scaler_asks(role: str) -> None:
    for name, (kind, _, _) in asked(role).items():
        assert name in rules(kind)


def test_the_adapter_tells_nothing_that_nobody_asks() -> None:
    assert {*rules("custom"), *rules("external")} == {*asked("api"), *asked("worker")}


def test_workers_are_scaled_by_the_backlog_as_it_is() -> None:
    """Every pod tells the same: summed or averaged over pods it would grow, or shrink, with their number."""
    assert asked("worker") == {"cfscraper_backlog_seconds": ("external", "Value", "60")}


def test_apis_are_scaled_by_all_that_is_promised() -> None:
    shares = {
        each["resource"]["name"]: each["resource"]["target"]["averageUtilization"]
        for each in hpa("api")["metrics"]
        if each["type"] == "Resource"
    }
    assert shares == {"cpu": 70, "memory": 80}
    assert asked("api").keys() == {"cfscraper_requests_per_second", "cfscraper_queue_size"}


@pytest.mark.parametrize(("role", "least", "most"), [("api", 2, 20), ("worker", 1, 10)])
def test_both_scalers_keep_to_the_same_bounds(role: str, least: int, most: int) -> None:
    assert (hpa(role)["minReplicas"], hpa(role)["maxReplicas"]) == (least, most)
    assert (keda(role)["minReplicaCount"], keda(role)["maxReplicaCount"]) == (least, most)


@pytest.mark.parametrize("role", ROLES)
def test_both_scalers_move_as_fast(role: str) -> None:
    behavior = hpa(role)["behavior"]
    assert keda(role)["advanced"]["horizontalPodAutoscalerConfig"]["behavior"] == behavior
    up, down = behavior["scaleUp"], behavior["scaleDown"]
    assert (up["selectPolicy"], down["selectPolicy"]) == ("Max", "Min")
    assert _policies(up) == {("Percent", 100, 30), ("Pods", 4, 30)}
    assert _policies(down) == {("Percent", 50, 60), ("Pods", 2, 60)}
    assert down["stabilizationWindowSeconds"] == 300


@pytest.mark.parametrize("role", ROLES)
def test_both_scalers_aim_at_the_same(role: str) -> None:
    shares = {
        (each["resource"]["name"], "Utilization", str(each["resource"]["target"]["averageUtilization"]))
        for each in hpa(role)["metrics"]
        if each["type"] == "Resource"
    }
    told = {
        (each.get("name", each["type"]), each["metricType"], about.get("threshold", about.get("value")))
        for each in keda(role)["triggers"]
        for about in [each["metadata"]]
    }
    names = {"cfscraper_requests_per_second": "requests", "cfscraper_queue_size": "queue"}
    ours = {(names.get(name, "backlog"), kind, value) for name, (_, kind, value) in asked(role).items()}
    assert told == shares | ours


@pytest.mark.parametrize("role", ROLES)
def test_a_rise_is_answered_within_a_minute(role: str) -> None:
    """From the scrape that sees it to the first pods, when Prometheus and Kubernetes look at their own pace."""
    monitor = of_kind(built("prod"), "ServiceMonitor")[0]["spec"]["endpoints"][0]
    scraped_s = int(monitor["interval"].removesuffix("s"))
    waited_s = hpa(role)["behavior"]["scaleUp"]["stabilizationWindowSeconds"]
    assert scraped_s + waited_s + SYNC_S < UP_WITHIN_S
    assert keda(role)["pollingInterval"] <= SYNC_S


def test_nobody_but_the_scalers_counts_pods() -> None:
    for overlay in ("prod", "prod-keda"):
        for role in ROLES:
            assert "replicas" not in the(built(overlay), "Deployment", f"cfscraper-{role}")["spec"]
        scalers = of_kind(built(overlay), "HorizontalPodAutoscaler", "ScaledObject")
        assert len(scalers) == len(ROLES)


def test_recommendations_are_no_more_than_that() -> None:
    for each in of_kind(built("prod"), "VerticalPodAutoscaler"):
        assert each["spec"]["updatePolicy"]["updateMode"] == "Off"


API_POD = 'namespace="cfscraper",service="cfscraper-api",pod="a"'
FLEET = {
    'backlog_seconds{namespace="cfscraper",pod="a"}': "30 NaN +Inf NaN",
    'backlog_seconds{namespace="cfscraper",pod="b"}': "30 90 12 NaN",
    'backlog_seconds{namespace="another",pod="c"}': "999 999 999 999",
    'job_queue_size{namespace="cfscraper",pod="a"}': "70 70 70 70",
    'job_queue_size{namespace="cfscraper",pod="b"}': "70 70 70 70",
    f'http_requests_total{{{API_POD},endpoint="/api/v1/scrape"}}': "0+1500x6",
    f'http_requests_total{{{API_POD},endpoint="/metrics"}}': "0+150x6",
    f'http_requests_total{{{API_POD},endpoint="/api/v1/health/ready"}}': "0+900x6",
}
BACKLOG = (("0s", 30.0), ("15s", 90.0), ("30s", 3600.0), ("45s", None))
"""Whole, half known, at a standstill, not known."""
SEEN = {
    "cfscraper_backlog_seconds": ("{}", BACKLOG),
    "backlog": ("{}", BACKLOG),
    "cfscraper_queue_size": ("{}", (("15s", 70.0),)),
    "queue": ("{}", (("15s", 70.0),)),
    "cfscraper_requests_per_second": ('{pod="a"}', (("90s", 100.0),)),
    "requests": ("{}", (("90s", 100.0),)),
}


def test_the_queries_bring_what_the_whole_fleet_tells(tmp_path: Path) -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not here, which asks the queries")
    series = [{"series": name, "values": values} for name, values in FLEET.items()]
    tests = [
        {
            "expr": query,
            "eval_time": at,
            "exp_samples": [] if value is None else [{"labels": SEEN[name][0], "value": value}],
        }
        for name, query in queries().items()
        for at, value in SEEN[name][1]
    ]
    group = {"interval": "15s", "input_series": series, "promql_expr_test": tests}
    case = {"evaluation_interval": "15s", "tests": [group]}
    (tmp_path / "fleet.yaml").write_text(json.dumps(case))
    command = (promtool, "test", "rules", str(tmp_path / "fleet.yaml"))
    done = subprocess.run(command, capture_output=True, check=False, timeout=20)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def _policies(side: Manifest) -> set[tuple[str, int, int]]:
    return {(each["type"], each["value"], each["periodSeconds"]) for each in side["policies"]}
