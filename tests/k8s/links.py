"""Finds what a manifest names and is nowhere: labels nobody has, ports nobody opens, names and keys of nothing."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

from tests.k8s.manifests import WORKLOADS, Manifest, name_of, of_kind

PROMISED = {"cfscraper": {"DATABASE_URL", "REDIS_URL"}}
"""Secrets that whoever deploys brings, with their keys."""


def dangling(manifests: tuple[Manifest, ...]) -> list[str]:
    """A line for each."""
    looks = (_selectors, _own_selectors, _services, _monitors, _policies, _pods, _scalers)
    return [line for look in looks for line in look(manifests)]


def selects(selector: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    """Of a LabelSelector; an empty one selects all."""
    wanted = selector.get("matchLabels", {})
    return wanted.items() <= labels.items() and all(
        _is_met(each, labels) for each in selector.get("matchExpressions", ())
    )


def _is_met(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    assert expression["operator"] == "In", "the others are not used"
    return labels.get(expression["key"]) in expression["values"]


def _templates(manifests: tuple[Manifest, ...]) -> list[Manifest]:
    return [each["spec"]["template"] for each in of_kind(manifests, *WORKLOADS)]


def _selected(manifests: tuple[Manifest, ...], selector: Mapping[str, Any]) -> list[Manifest]:
    return [each for each in _templates(manifests) if selects(selector, each["metadata"]["labels"])]


def _selectors(manifests: tuple[Manifest, ...]) -> Iterator[str]:
    for each in of_kind(manifests, "PodDisruptionBudget", "NetworkPolicy"):
        selector = each["spec"]["selector" if each["kind"] == "PodDisruptionBudget" else "podSelector"]
        if not _selected(manifests, selector):
            yield f"{name_of(each)} selects no pod: {selector}"


def _own_selectors(manifests: tuple[Manifest, ...]) -> Iterator[str]:
    for each in of_kind(manifests, "Deployment", "StatefulSet"):
        template = each["spec"]["template"]
        spreads = (one["labelSelector"] for one in template["spec"].get("topologySpreadConstraints", ()))
        for selector in (each["spec"]["selector"], *spreads):
            if _selected(manifests, selector) != [template]:
                yield f"{name_of(each)} does not select its own pods and no others: {selector}"


def _services(manifests: tuple[Manifest, ...]) -> Iterator[str]:
    for each in of_kind(manifests, "Service"):
        found = _selected(manifests, {"matchLabels": each["spec"]["selector"]})
        if len(found) != 1:
            yield f"{name_of(each)} selects {len(found)} kinds of pods"
        for port in each["spec"]["ports"]:
            if not all(port["targetPort"] in _ports(pod) for pod in found):
                yield f"{name_of(each)} leads to port {port['targetPort']}, which its pods have not"
    services = {name_of(each) for each in of_kind(manifests, "Service")}
    for each in of_kind(manifests, "StatefulSet"):
        if each["spec"]["serviceName"] not in services:
            yield f"{name_of(each)} has no service {each['spec']['serviceName']}"


def _monitors(manifests: tuple[Manifest, ...]) -> Iterator[str]:
    for each in of_kind(manifests, "ServiceMonitor"):
        services = of_kind(manifests, "Service")
        found = [one for one in services if selects(each["spec"]["selector"], one["metadata"]["labels"])]
        if not found:
            yield f"{name_of(each)} finds no service"
        opened = [{port["name"] for port in one["spec"]["ports"]} for one in found]
        for endpoint in each["spec"]["endpoints"]:
            if not all(endpoint["port"] in ports for ports in opened):
                yield f"{name_of(each)} asks port {endpoint['port']}, which not all its services have"


def _policies(manifests: tuple[Manifest, ...]) -> Iterator[str]:
    """Ports by name are those of the pods that are selected; by number, of pods that it lets through to."""
    for each in of_kind(manifests, "NetworkPolicy"):
        found = _selected(manifests, each["spec"]["podSelector"])
        for rule in each["spec"].get("ingress", ()):
            for port in rule["ports"]:
                if not any(port["port"] in _ports(pod) for pod in found):
                    yield f"{name_of(each)} opens port {port['port']}, which its pods have not"


def _ports(pod: Manifest) -> set[str | int]:
    opened = [port for container in pod["spec"]["containers"] for port in container.get("ports", ())]
    return {port["name"] for port in opened} | {port["containerPort"] for port in opened}


def _pods(manifests: tuple[Manifest, ...]) -> Iterator[str]:
    for owner in of_kind(manifests, *WORKLOADS):
        pod = owner["spec"]["template"]["spec"]
        accounts = {name_of(each) for each in of_kind(manifests, "ServiceAccount")}
        if pod["serviceAccountName"] not in accounts:
            yield f"{name_of(owner)} runs as {pod['serviceAccountName']}, who is not there"
        claims = (name_of(each) for each in owner["spec"].get("volumeClaimTemplates", ()))
        volumes = {*claims, *(each["name"] for each in pod["volumes"])}
        for container in pod["containers"]:
            told = chain(_mounts(container, volumes), _probes(container), _sources(container, manifests))
            yield from (f"{name_of(owner)} {what}" for what in told)


def _mounts(container: Manifest, volumes: set[str]) -> Iterator[str]:
    for each in container["volumeMounts"]:
        if each["name"] not in volumes:
            yield f"mounts {each['name']}, which is no volume"


def _probes(container: Manifest) -> Iterator[str]:
    names = {port["name"] for port in container.get("ports", ())}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        port = container.get(probe, {}).get("httpGet", {}).get("port")
        if port is not None and port not in names:
            yield f"is probed at port {port}, which it has not"


def _sources(container: Manifest, manifests: tuple[Manifest, ...]) -> Iterator[str]:
    maps = {name_of(each) for each in of_kind(manifests, "ConfigMap")}
    secrets = PROMISED | {name_of(each): set(each["data"]) for each in of_kind(manifests, "Secret")}
    for source in container.get("envFrom", ()):
        if source["configMapRef"]["name"] not in maps:
            yield f"is told by {source['configMapRef']['name']}, which is not there"
    for each in container.get("env", ()):
        key = each.get("valueFrom", {}).get("secretKeyRef")
        if key is not None and key["key"] not in secrets.get(key["name"], ()):
            yield f"wants {key['key']} of the Secret {key['name']}, which has it not"


def _scalers(manifests: tuple[Manifest, ...]) -> Iterator[str]:
    deployments = {name_of(each) for each in of_kind(manifests, "Deployment")}
    for each in of_kind(manifests, "HorizontalPodAutoscaler", "ScaledObject", "VerticalPodAutoscaler"):
        target = each["spec"].get("scaleTargetRef") or each["spec"]["targetRef"]
        if target["name"] not in deployments:
            yield f"{name_of(each)} scales {target['name']}, which is not there"
