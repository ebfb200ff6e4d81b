"""What containers are told is understood, and is all that they need."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import typer

from actors.__main__ import cli
from config.settings import Settings
from config.sources import SettingsError
from tests.k8s.manifests import (
    OVERLAYS,
    PRODUCTION,
    Manifest,
    built,
    containers,
    environment,
    name_of,
    of_kind,
    read,
    the,
)

SECRETS = {"DATABASE_URL": "postgresql://user:password@db/cfscraper", "REDIS_URL": "redis://redis/0"}
NOTHING = Path("/nonexistent")


def ours(overlay: str) -> list[Manifest]:
    return [each for each in containers(built(overlay)) if each["name"] == "cfscraper"]


def strangers(told: Mapping[str, str]) -> set[str]:
    """Variables that are no settings."""
    return set(told) - {field.upper() for field in Settings.model_fields}


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_variable_is_a_setting_and_none_is_without_effect(overlay: str) -> None:
    assert len(ours(overlay)) == 3
    for container in ours(overlay):
        told = environment(built(overlay), container, SECRETS)
        assert not strangers(told)
        assert not Settings.load({**told, "ALLOW_ANONYMOUS": "true"}, NOTHING).warnings


def test_a_variable_that_is_no_setting_is_found() -> None:
    assert strangers({"DB_POOLSIZE": "2", "DB_POOL_SIZE": "2"}) == {"DB_POOLSIZE"}


@pytest.mark.parametrize("overlay", PRODUCTION)
def test_production_lets_nobody_in_without_a_key(overlay: str) -> None:
    """As long as there are no keys that means that it does not start, and says so."""
    for container in ours(overlay):
        told = environment(built(overlay), container, SECRETS)
        assert "ALLOW_ANONYMOUS" not in told
        if told.get("HOST"):
            assert [line.partition("=")[0] for line in _wrong(told)] in ([], ["HOST"])


def test_only_the_overlay_for_development_lets_everybody_in_and_says_so() -> None:
    told = the(built("dev"), "ConfigMap", "cfscraper-settings")
    assert told["data"]["ALLOW_ANONYMOUS"] == "true"
    assert "ALLOW_ANONYMOUS" in told["metadata"]["annotations"]["cfscraper/warning"]


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_every_container_runs_a_command_that_exists(overlay: str) -> None:
    for container in ours(overlay):
        assert "command" not in container, "the image's entrypoint is the program"
        _understood(container["args"])


def test_a_command_that_does_not_exist_is_found() -> None:
    with pytest.raises(KeyError):
        _understood(["work"])
    with pytest.raises(Exception, match=r"[Nn]o such option"):
        _understood(["serve", "--roles", "api"])


@pytest.mark.parametrize("overlay", PRODUCTION)
def test_no_secret_is_in_production(overlay: str) -> None:
    assert not of_kind(built(overlay), "Secret")


def test_what_development_calls_a_secret_holds_none() -> None:
    text = read("components/data/kustomization.yaml")["secretGenerator"][0]["literals"]
    assert [urlsplit(each.partition("=")[2]).password for each in text] == [None, None]


def test_the_hosts_of_development_are_services_with_those_ports() -> None:
    manifests = built("dev")
    services = {name_of(each): each["spec"]["ports"][0]["port"] for each in of_kind(manifests, "Service")}
    for literal in read("components/data/kustomization.yaml")["secretGenerator"][0]["literals"]:
        url = urlsplit(literal.partition("=")[2])
        assert services[url.hostname or ""] == url.port


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_pods_leave_the_schema_to_the_job(overlay: str) -> None:
    for container in ours(overlay):
        told = environment(built(overlay), container, SECRETS)
        assert container["args"] == ["migrate"] or told["RUN_MIGRATIONS"] == "false"


@pytest.mark.parametrize("overlay", OVERLAYS)
def test_the_port_that_is_opened_is_the_one_that_is_listened_on(overlay: str) -> None:
    for container in ours(overlay):
        for port in container.get("ports", ()):
            assert str(port["containerPort"]) == environment(built(overlay), container, SECRETS)["PORT"]


def _understood(args: list[str]) -> None:
    commands = typer.main.get_group(cli).commands
    commands[args[0]].make_context(args[0], list(args[1:]))
    if "--role" in args:
        Settings.load({**SECRETS, "ROLE": args[args.index("--role") + 1]}, NOTHING)


def _wrong(told: Mapping[str, str]) -> tuple[str, ...]:
    try:
        Settings.load(told, NOTHING)
    except SettingsError as error:
        return error.lines
    return ()
