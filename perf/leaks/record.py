"""Records what the leak detector would see of a real daemon: `python -m perf.leaks.record NAME FILE`."""

import asyncio
import sys
from collections import deque
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import aiohttp

from engine.storage.migrate import migrate
from perf.leaks.load import WITHIN, loaded
from perf.process import running

STEADY = [(60, 660.0)]
STEPS = [(20, 150.0), (60, 150.0), (10, 120.0), (120, 150.0), (60, 90.0)]
RATES = {"steps": STEPS, "idle": [(60, 90.0), (0, 570.0)]}
PLANTS = {
    "planted": {"LEAKED_BYTES": "1049"},
    "caching": {"CACHE_MAX_MEMORY_SIZE": str(800 * 1024 * 1024), "CACHE_MEMORY_TTL": "3600"},
    "sawtooth": {"CYCLIC_BYTES": "20000", "COLLECTED_EVERY": "4000"},
}
READ_AFTER = 300
"""Jobs between a submit and the reading of its result, where results are read."""


async def record(name: str, file: str) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / "jobs.db"
        migrate(f"sqlite:///{path}")
        environment = {"DATABASE_URL": f"sqlite:///{path}", "PORT": "0", "LOG_FORMAT": "json", "SAMPLES": file}
        environment |= PLANTS.get(name, {})
        async with (
            running("perf", ("origin",)) as site,
            running("perf.leaks.daemon", ("serve",), env=environment, starts_within=timedelta(seconds=90)) as daemon,
            aiohttp.ClientSession(timeout=WITHIN) as client,
        ):
            api, wait = f"{daemon.url}/api/v1", deque[str]()
            async for ids in loaded(client, api=api, site=site.url, rates=RATES.get(name, STEADY)):
                wait.extend(ids)
                while name == "caching" and len(wait) > READ_AFTER:
                    async with client.get(f"{api}/scrape/{wait.popleft()}/result") as answer:
                        await answer.read()


if __name__ == "__main__":
    asyncio.run(record(sys.argv[1], sys.argv[2]))
