"""The same on one machine: what compose.yaml names exists, and only this machine reaches it."""

import shutil
import subprocess
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import typer

from actors.__main__ import cli
from config.settings import Settings
from tests.k8s.manifests import K8S, built, read, the

COMPOSE = read("compose.yaml")
SERVICES: dict[str, Any] = COMPOSE["services"]
ENGINE = ("migrate", "api", "worker")


@pytest.mark.parametrize("name", ENGINE)
def test_settings_are_understood_and_have_an_effect(name: str) -> None:
    assert Settings.load(SERVICES[name]["environment"], Path("/nonexistent")).warnings == ()


@pytest.mark.parametrize("name", ENGINE)
def test_commands_exist(name: str) -> None:
    command, *options = SERVICES[name]["command"]
    typer.main.get_group(cli).commands[command].make_context(command, options)


@pytest.mark.parametrize("setting", ["DATABASE_URL", "REDIS_URL"])
def test_servers_are_services_in_the_same_network(setting: str) -> None:
    host = urlsplit(SERVICES["api"]["environment"][setting]).hostname
    assert host is not None
    assert set(SERVICES[host]["networks"]) & set(SERVICES["worker"]["networks"])


@pytest.mark.parametrize("name", SERVICES)
def test_nothing_is_open_to_other_machines_and_nothing_has_rights(name: str) -> None:
    service = SERVICES[name]
    assert all(port.startswith("127.0.0.1:") for port in service.get("ports", ()))
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]


def test_what_is_mounted_and_waited_for_exists() -> None:
    for service in SERVICES.values():
        assert set(service.get("depends_on", ())) <= SERVICES.keys()
        assert set(service["networks"]) <= COMPOSE["networks"].keys()
        for source in (volume.partition(":")[0] for volume in service.get("volumes", ())):
            assert source in COMPOSE["volumes"] or (K8S / source).exists(), source


def test_the_image_is_made_as_the_dockerfile_says() -> None:
    build = SERVICES["api"]["build"]
    assert (K8S / build["context"] / build["dockerfile"]).is_file()


def test_a_stop_has_as_much_time_as_in_a_cluster() -> None:
    pod = the(built("dev"), "Deployment", "cfscraper-worker")["spec"]["template"]["spec"]
    assert SERVICES["worker"]["stop_grace_period"] == f"{pod['terminationGracePeriodSeconds']}s"


def test_prometheus_asks_all_that_run_and_labels_them_as_in_a_cluster() -> None:
    (job,) = read("compose/prometheus.yml")["scrape_configs"]
    assert set(job["dns_sd_configs"][0]["names"]) == {"api", "worker"}
    assert job["dns_sd_configs"][0]["port"] == Settings.model_fields["port"].default
    assert {each["target_label"] for each in job["relabel_configs"]} == {"job", "service", "namespace", "pod"}


def test_grafana_finds_its_dashboards_and_prometheus() -> None:
    (source,) = read("compose/grafana/datasources/prometheus.yml")["datasources"]
    url = urlsplit(source["url"])
    assert url.hostname in SERVICES
    assert f"127.0.0.1:{url.port}:{url.port}" in SERVICES[url.hostname]["ports"]
    (provider,) = read("compose/grafana/dashboards/files.yml")["providers"]
    assert f"./dashboards:{provider['options']['path']}:ro" in SERVICES["grafana"]["volumes"]


def test_prometheus_accepts_its_configuration() -> None:
    promtool = shutil.which("promtool")
    if promtool is None:
        pytest.skip("promtool is not here, which checks it")
    command = (promtool, "check", "config", str(K8S / "compose" / "prometheus.yml"))
    done = subprocess.run(command, capture_output=True, check=False, timeout=20)
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()
