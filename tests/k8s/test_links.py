"""What a manifest names exists, and whoever names something wrong is found."""

from copy import deepcopy
from typing import Any

import pytest

from tests.k8s.links import dangling
from tests.k8s.manifests import OVERLAYS, Manifest, built, the


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_whatever_is_named_exists(overlay: str) -> None:
    assert dangling(built(overlay)) == []


POD = ("spec", "template", "spec")
CONTAINER = (*POD, "containers", 0)
WRONG = [
    ("Deployment", "cfscraper-api", ("spec", "selector", "matchLabels", "app.kubernetes.io/component"), "worker"),
    ("Deployment", "cfscraper-api", (*POD, "serviceAccountName"), "nobody"),
    ("Deployment", "cfscraper-api", (*CONTAINER, "volumeMounts", 0, "name"), "nowhere"),
    ("Deployment", "cfscraper-api", (*CONTAINER, "readinessProbe", "httpGet", "port"), "https"),
    ("Deployment", "cfscraper-worker", (*CONTAINER, "envFrom", 0, "configMapRef", "name"), "none"),
    ("Deployment", "cfscraper-worker", (*CONTAINER, "env", 0, "valueFrom", "secretKeyRef", "key"), "DATABASE"),
    ("Service", "cfscraper-api", ("spec", "selector", "app.kubernetes.io/component"), "apis"),
    ("Service", "cfscraper-api", ("spec", "ports", 0, "targetPort"), "web"),
    ("Service", "cfscraper-worker", ("spec", "ports", 0, "name"), "metrics"),
    ("ServiceMonitor", "cfscraper", ("spec", "selector", "matchLabels", "app.kubernetes.io/name"), "scraper"),
    ("PodDisruptionBudget", "cfscraper-api", ("spec", "selector", "matchLabels", "app.kubernetes.io/component"), "x"),
    ("NetworkPolicy", "cfscraper-clients", ("spec", "podSelector", "matchLabels", "app.kubernetes.io/component"), "x"),
    ("NetworkPolicy", "cfscraper-clients", ("spec", "ingress", 0, "ports", 0, "port"), 80),
    ("HorizontalPodAutoscaler", "cfscraper-worker", ("spec", "scaleTargetRef", "name"), "cfscraper-workers"),
    ("VerticalPodAutoscaler", "cfscraper-worker", ("spec", "targetRef", "name"), "cfscraper-workers"),
]


@pytest.mark.parametrize(("kind", "name", "place", "value"), WRONG)
def test_a_wrong_name_is_found(kind: str, name: str, place: tuple[str | int, ...], value: str | int) -> None:
    manifests = deepcopy(built("prod"))
    _planted(the(manifests, kind, name), place, value)
    assert dangling(manifests)


def _planted(manifest: Manifest, place: tuple[str | int, ...], value: str | int) -> None:
    around: Any = manifest
    for step in place[:-1]:
        around = around[step]
    around[place[-1]] = value
