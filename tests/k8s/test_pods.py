"""How pods live: few connections, time to drain, no rights; and that a node can be drained of them."""

from math import ceil
from pathlib import Path

import pytest

from actors.daemon import ANSWER_WITHIN_S
from actors.system import COMMIT_TIMEOUT_S
from config.notice import HEARD_WITHIN_S
from config.settings import Settings
from config.version import release
from engine.api import PROBES, ROUTES
from tests.k8s.manifests import K8S, OVERLAYS, PRODUCTION, Manifest, built, environment, of_kind, pods, the

SECRETS = {"DATABASE_URL": "postgresql://any/any", "REDIS_URL": "redis://any"}
NOTHING = Path("/nonexistent")
ROLES = ("api", "worker")
SEEN_WITHIN_S = 2
"""That a pod is not ready any more."""
LISTENS = 1
"""Connections of a process beside its pool."""
RESERVED = 3
"""Of max_connections, for superusers: PostgreSQL's default."""
MIGRATES = 2
"""Connections of the Job, at most."""
MEBI = 1024 * 1024
AT_WORK_MIB = 111
"""perf/README.md: a daemon on PostgreSQL under users' load."""
PLATFORM = {"kubernetes.io/hostname", "topology.kubernetes.io/zone"}


def deployment(role: str, overlay: str = "prod") -> Manifest:
    spec: Manifest = the(built(overlay), "Deployment", f"cfscraper-{role}")["spec"]
    return spec


def pod_of(role: str, overlay: str = "prod") -> Manifest:
    spec: Manifest = deployment(role, overlay)["template"]["spec"]
    return spec


def told(role: str) -> dict[str, str]:
    return environment(built("prod"), pod_of(role)["containers"][0], SECRETS)


def connections(role: str) -> int:
    return int(told(role)["DB_POOL_SIZE"]) + int(told(role)["DB_MAX_OVERFLOW"]) + LISTENS


def most_pods(role: str) -> int:
    """At the scaler's maximum, in the middle of a change: new ones beside the old, and those that still drain."""
    about = deployment(role)
    surge = int(about["strategy"]["rollingUpdate"]["maxSurge"])
    steps: int = ceil(pod_of(role)["terminationGracePeriodSeconds"] / about["minReadySeconds"])
    most = int(the(built("prod"), "HorizontalPodAutoscaler", f"cfscraper-{role}")["spec"]["maxReplicas"])
    return most + surge * (1 + steps)


def test_all_pods_together_stay_under_the_servers_connections() -> None:
    """Those of max_connections=200, which the database of production must take and that of development does."""
    arguments = the(built("dev"), "StatefulSet", "cfscraper-postgres")["spec"]["template"]["spec"]["containers"][0][
        "args"
    ]
    allowed = int(arguments[1].removeprefix("max_connections=")) - RESERVED
    needed = sum(most_pods(role) * connections(role) for role in ROLES) + MIGRATES
    assert needed <= allowed
    assert f"{needed} of {allowed}" in (K8S / "README.md").read_text(), "README.md states it"


@pytest.mark.parametrize("role", ROLES)
def test_a_pod_has_time_to_be_forgotten_to_drain_and_to_write(role: str) -> None:
    pod = pod_of(role)
    settings = Settings.load({**told(role), "ROLE": role, "ALLOW_ANONYMOUS": "true"}, NOTHING)
    before_s = pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"]
    hidden_s = before_s + settings.shutdown_delay_seconds
    needed_s = hidden_s + settings.drain_grace_seconds + ANSWER_WITHIN_S + 1 + COMMIT_TIMEOUT_S
    assert pod["terminationGracePeriodSeconds"] >= needed_s + SEEN_WITHIN_S
    assert before_s > SEEN_WITHIN_S
    assert settings.shutdown_delay_seconds == (0 if role == "worker" else HEARD_WITHIN_S)


@pytest.mark.parametrize("role", ROLES)
def test_who_is_not_ready_is_seen_soon_and_who_is_slow_is_not_killed(role: str) -> None:
    container = pod_of(role)["containers"][0]
    ready, live, start = (container[name] for name in ("readinessProbe", "livenessProbe", "startupProbe"))
    assert ready["periodSeconds"] * ready["failureThreshold"] <= SEEN_WITHIN_S
    assert live["periodSeconds"] * live["failureThreshold"] >= 30
    assert start["periodSeconds"] * start["failureThreshold"] >= 60


@pytest.mark.parametrize("role", ROLES)
def test_probes_ask_for_what_the_role_answers(role: str) -> None:
    paths = {each.path for each in (PROBES if role == "worker" else ROUTES)}
    container = pod_of(role)["containers"][0]
    asked = {name: container[name]["httpGet"]["path"] for name in ("startupProbe", "livenessProbe", "readinessProbe")}
    assert set(asked.values()) <= paths
    assert asked["readinessProbe"].endswith("/ready")
    assert asked["livenessProbe"] == asked["startupProbe"]
    assert asked["livenessProbe"].endswith("/live")


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_a_node_can_be_drained_even_of_the_only_pod(overlay: str) -> None:
    budgets = of_kind(built(overlay), "PodDisruptionBudget")
    assert len(budgets) == len(ROLES)
    for each in budgets:
        assert each["spec"]["maxUnavailable"] == 1
        assert "minAvailable" not in each["spec"]


@pytest.mark.parametrize("role", ROLES)
def test_pods_spread_over_nodes_and_zones(role: str) -> None:
    assert {each["topologyKey"] for each in pod_of(role)["topologySpreadConstraints"]} == PLATFORM


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_pod_keeps_to_the_restricted_profile(overlay: str) -> None:
    assert pods(built(overlay))
    for pod in pods(built(overlay)):
        spec = pod["spec"]
        assert spec["securityContext"]["runAsNonRoot"] is True
        assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
        assert spec["automountServiceAccountToken"] is False
        for container in spec["containers"]:
            context = container["securityContext"]
            assert context["allowPrivilegeEscalation"] is False
            assert context["readOnlyRootFilesystem"] is True
            assert context["capabilities"] == {"drop": ["ALL"]}
            assert set(container["resources"]) == {"requests", "limits"}
        assert all("sizeLimit" in each["emptyDir"] for each in spec["volumes"])


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_namespaces_and_accounts_give_no_rights(overlay: str) -> None:
    (namespace,) = of_kind(built(overlay), "Namespace")
    assert namespace["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"
    assert all(each["automountServiceAccountToken"] is False for each in of_kind(built(overlay), "ServiceAccount"))
    assert not of_kind(built(overlay), "Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding")


@pytest.mark.parametrize("role", ROLES)
def test_pods_are_as_large_as_promised(role: str) -> None:
    assert pod_of(role)["containers"][0]["resources"] == {
        "requests": {"cpu": "250m", "memory": "256Mi"},
        "limits": {"cpu": "500m", "memory": "512Mi"},
    }


def test_an_api_with_a_full_cache_does_not_look_as_if_it_had_too_much_to_do() -> None:
    """Its memory does not fall when there are more of them: they would be added for ever."""
    full_mib = AT_WORK_MIB + int(told("api")["CACHE_MAX_MEMORY_SIZE"]) / MEBI
    assert full_mib < 0.80 * 256


@pytest.mark.parametrize("overlay", PRODUCTION)
def test_production_names_the_release_it_runs(overlay: str) -> None:
    images = {each["image"] for pod in pods(built(overlay)) for each in pod["spec"]["containers"]}
    assert len(images) == 1
    assert images.pop().rpartition(":")[2] == release()
