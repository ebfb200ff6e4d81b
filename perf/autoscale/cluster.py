"""The same test on a cluster: its own controller decides, and kubectl tells what it did.

Each call has a deadline; one that fails ends the test with what kubectl said.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import orjson

from perf.autoscale.manifest import FIELDS, Aim, Scaler, Source, scaler_of
from perf.autoscale.quantity import number_of
from perf.autoscale.record import Account, Standing

ANSWERS_WITHIN_S = 20.0
LOOK_EVERY_S = 5.0


class KubectlError(Exception):
    """It did not tell what it was asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """Where it is."""

    namespace: str
    deployment: str
    hpa: str


class Seen:
    """A cluster's deployment, looked at again after some seconds; between them it is told as it was."""

    def __init__(self, *, where: Cluster, api: str, site: str) -> None:
        self.api = api
        self.site = site
        self.late_ms = 0
        self._where = where
        self._standing: Standing | None = None
        self._looked_at = 0.0

    async def scaler(self) -> Scaler:
        return scaler_of(await _told(self._where.namespace, "hpa", self._where.hpa))

    async def standing(self) -> Standing:
        now = asyncio.get_running_loop().time()
        if self._standing is None or now > self._looked_at + LOOK_EVERY_S:
            deployment = await _told(self._where.namespace, "deployment", self._where.deployment)
            hpa = await _told(self._where.namespace, "hpa", self._where.hpa)
            self._standing, self._looked_at = standing_of(deployment, hpa), now
        return self._standing

    async def judged(self, account: Account) -> Account:
        """A site of others tells nothing."""
        return account


@asynccontextmanager
async def cluster(where: Cluster, *, api: str, site: str) -> AsyncIterator[tuple[Seen, Scaler]]:
    seen = Seen(where=where, api=api, site=site)
    yield seen, await seen.scaler()


def standing_of(deployment: Mapping[str, Any], hpa: Mapping[str, Any]) -> Standing:
    """From both as JSON."""
    return Standing(
        wanted=deployment["spec"].get("replicas", 1),
        ready=deployment.get("status", {}).get("readyReplicas", 0),
        value=_value(hpa),
    )


def _value(hpa: Mapping[str, Any]) -> float | None:
    """Of its first metric; None where the controller could not have it."""
    aim = scaler_of(hpa).aims[0]
    for told in hpa.get("status", {}).get("currentMetrics") or ():
        about = told.get(str(told.get("type", "")).lower())
        if told.get("type") == aim.source and about and _name(about, aim) == aim.name:
            current = about["current"].get(FIELDS[aim.measure])
            return None if current is None else number_of(current)
    return None


def _name(about: Mapping[str, Any], aim: Aim) -> str:
    return str(about["name"] if aim.source is Source.RESOURCE else about["metric"]["name"])


async def _told(namespace: str, kind: str, name: str) -> Any:
    command = ("kubectl", "get", kind, name, f"--namespace={namespace}", "--output=json")
    process = await asyncio.create_subprocess_exec(
        *command, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
    )
    try:
        told, wrong = await asyncio.wait_for(process.communicate(), ANSWERS_WITHIN_S)
    except TimeoutError:
        raise KubectlError(f"{' '.join(command)}: nothing within {ANSWERS_WITHIN_S:g} s") from None
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    if process.returncode:
        last = wrong.decode(errors="replace").strip().rpartition("\n")[2]
        raise KubectlError(f"{' '.join(command)}: {last}")
    return orjson.loads(told)
