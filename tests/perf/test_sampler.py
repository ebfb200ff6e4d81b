"""What the server shows, each second."""

import asyncio
import os
from math import isnan
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer

from perf.sampler import Sampler, read, samples
from tests.conftest import eventually

METRICS = """
# TYPE scraper_requests_total counter
scraper_requests_total{scraper_type="http",status="success"} 5.0
scraper_requests_total{scraper_type="http",status="error"} 2.0
# TYPE jobs_total counter
jobs_total{job_type="http",status="completed"} 5.0
jobs_total{job_type="http",status="failed"} 1.0
# TYPE http_requests_total counter
http_requests_total{method="GET",endpoint="/",status_code="200"} 8.0
http_requests_total{method="GET",endpoint="/",status_code="503"} 1.0
http_requests_total{method="POST",endpoint="/",status_code="500"} 2.0
# TYPE memory_usage_bytes gauge
memory_usage_bytes{type="rss"} 100.0
memory_usage_bytes{type="vms"} 900.0
memory_usage_bytes{type="allocated"} 60.0
# TYPE actor_mailbox_depth gauge
actor_mailbox_depth{actor="commands"} 3.0
# TYPE job_queue_size gauge
job_queue_size 4.0
"""


def test_metrics_are_read_by_label_or_summed() -> None:
    assert read(METRICS) == {
        "pages": 7.0,
        "requests": 11.0,
        "requests_failed": 3.0,
        "completed": 5.0,
        "failed": 1.0,
        "rss_bytes": 100.0,
        "allocated_bytes": 60.0,
        "mailbox commands": 3.0,
        "queue": 4.0,
    }


async def test_a_service_that_answers_wrongly_leaves_empty_places_and_its_process_is_still_seen(tmp_path: Path) -> None:
    asked, keys = 0, set[str | None]()

    async def metrics(request: web.Request) -> web.Response:
        nonlocal asked
        asked += 1
        keys.add(request.headers.get("X-API-Key"))
        return web.Response(text="<p>" if asked == 3 else METRICS, status=500 if asked == 2 else 200)

    app = web.Application()
    app.router.add_get("/metrics", metrics)
    path = tmp_path / "server.csv"
    async with TestServer(app) as server:
        url = str(server.make_url("")).rstrip("/")
        sampler = Sampler(url=url, pid=os.getpid(), headers={"X-API-Key": "k"})
        running = asyncio.ensure_future(sampler.run(path, first=await sampler.first()))
        await eventually(lambda: asked > 4, within_s=15)
        running.cancel()
        await asyncio.wait((running,))
    found = samples(path, began_at=0.0)
    assert found["queue"][0] == found["queue"][3] == 4.0
    assert all(map(isnan, found["queue"][1:3]))
    assert found["mailbox commands"][0] == 3.0
    assert all(rss > 1_000_000 for rss in found["rss_bytes"])
    assert keys == {"k"}
