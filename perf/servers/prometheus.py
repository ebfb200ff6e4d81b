"""A real Prometheus of one's own, where there is one: what it scrapes stands in a file, and may change meanwhile."""

import asyncio
import shutil
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic
from urllib.parse import urlsplit

import aiohttp
import orjson

from perf.servers.child import free_port, launched

STARTS_WITHIN_S = 60.0
STOPS_WITHIN_S = 20.0
ANSWERS_WITHIN = aiohttp.ClientTimeout(total=5)
LOOK_EVERY_S = 0.1
CONFIG = """
global: {{scrape_interval: {every_ms}ms, scrape_timeout: {every_ms}ms}}
scrape_configs:
  - job_name: pods
    file_sd_configs: [{{files: [{targets}], refresh_interval: 1s}}]
"""


class PrometheusError(Exception):
    """It did not start."""


class Prometheus:
    """One that runs."""

    def __init__(self, *, url: str, targets: Path, client: aiohttp.ClientSession) -> None:
        self._url = url
        self._targets = targets
        self._client = client

    def scrapes(self, urls: Sequence[str]) -> None:
        """From now on these and no others."""
        written = self._targets.with_suffix(".new")
        written.write_bytes(orjson.dumps([{"targets": [urlsplit(url).netloc for url in urls]}]))
        written.replace(self._targets)

    async def value(self, query: str) -> float | None:
        """The only one the query finds; None where there is none. aiohttp's errors and TimeoutError when it is ill."""
        async with self._client.get(f"{self._url}/api/v1/query", params={"query": query}) as answer:
            answer.raise_for_status()
            found = (await answer.json())["data"]["result"]
        return float(found[0]["value"][1]) if found else None


def is_installed() -> bool:
    return shutil.which("prometheus") is not None


@asynccontextmanager
async def a_prometheus(*, every_s: float) -> AsyncIterator[Prometheus]:
    """Gone in the end, with all it knew."""
    with TemporaryDirectory(prefix="cfscraper-prometheus-") as name:
        folder, port = Path(name), free_port()
        (folder / "targets.json").write_text("[]")
        config = CONFIG.format(every_ms=round(every_s * 1000), targets=folder / "targets.json")
        (folder / "prometheus.yml").write_text(config)
        process = launched(_command(folder, port), folder / "log", as_nobody=False)
        try:
            async with aiohttp.ClientSession(timeout=ANSWERS_WITHIN) as client:
                url = f"http://127.0.0.1:{port}"
                if not await _is_ready(client, url):
                    raise PrometheusError((folder / "log").read_text(errors="replace")[-4000:])
                yield Prometheus(url=url, targets=folder / "targets.json", client=client)
        finally:
            process.terminate()
            await asyncio.to_thread(process.wait, STOPS_WITHIN_S)


def _command(folder: Path, port: int) -> Sequence[str]:
    return (
        shutil.which("prometheus") or "prometheus",
        f"--config.file={folder / 'prometheus.yml'}",
        f"--storage.tsdb.path={folder / 'data'}",
        f"--web.listen-address=127.0.0.1:{port}",
    )


async def _is_ready(client: aiohttp.ClientSession, url: str) -> bool:
    """False where it was not in time."""
    ends_at = monotonic() + STARTS_WITHIN_S
    while monotonic() < ends_at:
        with suppress(aiohttp.ClientError, TimeoutError):
            async with client.get(f"{url}/-/ready") as answer:
                if answer.ok:
                    return True
        await asyncio.sleep(LOOK_EVERY_S)
    return False
