"""A real Prometheus of the system that asks every second; tests are skipped by name where there is none."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import orjson
import pytest

from perf.servers.child import free_port, launched

UP_WITHIN_S = 20.0
ANSWERS_WITHIN = aiohttp.ClientTimeout(total=10)
needs_prometheus = pytest.mark.skipif(shutil.which("prometheus") is None, reason="there is no prometheus here")
needs_promtool = pytest.mark.skipif(shutil.which("promtool") is None, reason="there is no promtool here")


class Prometheus:
    def __init__(self, *, url: str, client: aiohttp.ClientSession) -> None:
        self._url = url
        self._client = client

    async def is_ready(self) -> bool:
        with suppress(aiohttp.ClientConnectionError):
            async with self._client.get(f"{self._url}/-/ready") as answer:
                return answer.status == 200
        return False

    async def asked(self, expression: str) -> list[float]:
        """The values it has for it now. An expression that it does not understand fails the test."""
        async with self._client.post(f"{self._url}/api/v1/query", data={"query": expression}) as answer:
            said = await answer.json()
        assert said["status"] == "success", (expression, said)
        return [float(each["value"][1]) for each in said["data"]["result"]]


@asynccontextmanager
async def a_prometheus(
    folder: Path, *, target: str, labels: Mapping[str, str], rules: Sequence[Path]
) -> AsyncIterator[Prometheus]:
    """Ready when it is handed out, killed in the end."""
    file, port = folder / "prometheus.json", free_port()
    file.write_bytes(orjson.dumps(_settings(target, labels, rules)))
    command = ("prometheus", f"--config.file={file}", f"--storage.tsdb.path={folder / 'prometheus'}")
    process = launched((*command, f"--web.listen-address=127.0.0.1:{port}"), folder / "prometheus.log", as_nobody=False)
    try:
        async with aiohttp.ClientSession(timeout=ANSWERS_WITHIN) as client:
            prometheus = Prometheus(url=f"http://127.0.0.1:{port}", client=client)
            async with asyncio.timeout(UP_WITHIN_S):
                while not await prometheus.is_ready():
                    assert process.poll() is None, (folder / "prometheus.log").read_text()
                    await asyncio.sleep(0.02)
            yield prometheus
    finally:
        process.kill()
        process.wait()


def _settings(target: str, labels: Mapping[str, str], rules: Sequence[Path]) -> Mapping[str, Any]:
    """JSON is YAML."""
    found = [{"targets": [target], "labels": labels}]
    return {
        "global": {"scrape_interval": "1s", "scrape_timeout": "1s", "evaluation_interval": "1s"},
        "rule_files": [str(rule) for rule in rules],
        "scrape_configs": [{"job_name": "cfscraper-api", "static_configs": found}],
    }
