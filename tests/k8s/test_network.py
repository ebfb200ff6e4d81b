"""Who may talk to whom: what no policy names is closed, and the web is all that a worker reaches of the world."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.k8s.links import selects
from tests.k8s.manifests import OVERLAYS, PRODUCTION, Manifest, built, of_kind, the

Address = IPv4Address | IPv6Address


@pytest.fixture(name="web", scope="module")
def _web() -> list[Manifest]:
    (rule,) = the(built("prod"), "NetworkPolicy", "cfscraper-web")["spec"]["egress"]
    return [each["ipBlock"] for each in rule["to"]]


def is_let_out(address: Address, blocks: Sequence[Manifest]) -> bool:
    return any(
        address in ip_network(block["cidr"]) and not any(address in ip_network(each) for each in block["except"])
        for block in blocks
    )


@given(address=st.ip_addresses())
def test_a_worker_reaches_no_address_that_is_not_of_the_world(address: Address, web: list[Manifest]) -> None:
    assert address.is_global or not is_let_out(address, web)


@pytest.mark.parametrize(
    "address", ["169.254.169.254", "10.0.0.1", "172.31.0.1", "192.168.1.1", "fd00:ec2::254", "fe80::1"]
)
def test_a_worker_reaches_neither_the_clusters_nor_the_clouds_own(address: str, web: list[Manifest]) -> None:
    assert not is_let_out(ip_address(address), web)


@pytest.mark.parametrize("address", ["1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "2a00:1450:4001::1"])
def test_a_worker_reaches_the_web(address: str, web: list[Manifest]) -> None:
    assert is_let_out(ip_address(address), web)


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_what_no_policy_names_is_closed(overlay: str) -> None:
    everything = the(built(overlay), "NetworkPolicy", "cfscraper-nothing")["spec"]
    assert everything == {"podSelector": {}, "policyTypes": ["Ingress", "Egress"]}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_only_workers_have_a_way_out_by_address(overlay: str) -> None:
    for component in ("api", "migrate", "postgres", "redis"):
        for rule in _ways(overlay, component, "egress"):
            assert not any("ipBlock" in peer for peer in rule["to"])


@pytest.mark.parametrize("overlay", PRODUCTION)
def test_only_named_namespaces_have_a_way_in(overlay: str) -> None:
    ways = {
        component: {
            peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"]
            for rule in _ways(overlay, component, "ingress")
            for peer in rule["from"]
        }
        for component in ("api", "worker", "migrate")
    }
    assert ways == {"api": {"ingress-nginx", "monitoring"}, "worker": {"monitoring"}, "migrate": set()}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_rule_says_who_and_where(overlay: str) -> None:
    """One that leaves it out means everybody, or every port."""
    for policy in of_kind(built(overlay), "NetworkPolicy"):
        if policy["metadata"]["name"] == "cfscraper-web":
            continue  # a page may be at any port
        for rule in (*policy["spec"].get("ingress", ()), *policy["spec"].get("egress", ())):
            assert rule["ports"]
            assert all(peer for peer in rule.get("from") or rule["to"])


def test_our_pods_reach_the_database_and_the_redis_of_development() -> None:
    ports = {
        port["containerPort"]
        for each in of_kind(built("dev"), "StatefulSet", "Deployment")
        if each["spec"]["template"]["metadata"]["labels"].get("cfscraper/data")
        for port in each["spec"]["template"]["spec"]["containers"][0]["ports"]
    }
    for component in ("api", "worker", "migrate"):
        opened = {port["port"] for rule in _ways("dev", component, "egress") for port in rule.get("ports", ())}
        assert ports == {5432, 6379} <= opened
    for component in ("postgres", "redis"):
        (rule,) = _ways("dev", component, "ingress")
        assert ports == {port["port"] for port in rule["ports"]}


def _ways(overlay: str, component: str, direction: str) -> list[Manifest]:
    """Rules for pods of that component."""
    labels = {"app.kubernetes.io/name": "cfscraper", "app.kubernetes.io/component": component}
    if component in ("postgres", "redis"):
        labels = {"app.kubernetes.io/component": component, "cfscraper/data": "true"}
    return [
        rule
        for policy in of_kind(built(overlay), "NetworkPolicy")
        if selects(policy["spec"]["podSelector"], labels)
        for rule in policy["spec"].get(direction, ())
    ]
