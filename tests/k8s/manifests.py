"""What a cluster would be given: an overlay as kubectl builds it, with ways to look into it.

Tests that need it are skipped where there is no kubectl.
"""

import shutil
import subprocess
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml

K8S = Path(__file__).parents[2] / "k8s"
PRODUCTION = ("prod", "prod-keda")
OVERLAYS = ("dev", *PRODUCTION)
BUILDS_WITHIN_S = 20.0
WORKLOADS = ("Deployment", "StatefulSet", "Job")

Manifest = Mapping[str, Any]


@cache
def built(overlay: str) -> tuple[Manifest, ...]:
    kubectl = shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("kubectl is not here, which builds what the tests look at")
    command = (kubectl, "kustomize", str(K8S / "overlays" / overlay))
    done = subprocess.run(command, capture_output=True, check=False, timeout=BUILDS_WITHIN_S)
    assert done.returncode == 0, done.stderr.decode()
    return tuple(each for each in yaml.safe_load_all(done.stdout) if each)


def read(path: str) -> Any:
    """A file below k8s/."""
    return yaml.safe_load((K8S / path).read_text())


def name_of(manifest: Manifest) -> str:
    name: str = manifest["metadata"]["name"]
    return name


def of_kind(manifests: tuple[Manifest, ...], *kinds: str) -> list[Manifest]:
    return [each for each in manifests if each["kind"] in kinds]


def the(manifests: tuple[Manifest, ...], kind: str, name: str) -> Manifest:
    """The only one; a name may have a hash behind it."""
    (found,) = (
        each for each in of_kind(manifests, kind) if name_of(each) == name or name_of(each).startswith(f"{name}-")
    )
    return found


def pods(manifests: tuple[Manifest, ...]) -> list[Manifest]:
    """The templates of all pods."""
    return [each["spec"]["template"] for each in of_kind(manifests, *WORKLOADS)]


def containers(manifests: tuple[Manifest, ...]) -> Iterator[Manifest]:
    for pod in pods(manifests):
        yield from pod["spec"]["containers"]


def environment(manifests: tuple[Manifest, ...], container: Manifest, secrets: Mapping[str, str]) -> dict[str, str]:
    """What the container is told, when the Secrets hold `secrets`."""
    told: dict[str, str] = {}
    for source in container.get("envFrom", ()):
        told |= the(manifests, "ConfigMap", source["configMapRef"]["name"])["data"]
    for each in container.get("env", ()):
        told[each["name"]] = each["value"] if "value" in each else secrets[each["valueFrom"]["secretKeyRef"]["key"]]
    return told
