"""Traces of real daemons, as a real collector has them; and what the log says on whose behalf."""

import signal
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from perf.origin.server import serving
from tests.conftest import eventually
from tests.flow.daemons import ENDS_WITHIN_S, Daemon, a_daemon
from tests.flow.fleet import a_fleet
from tests.servers.collector import Collector, Seen, collecting

TRACE, CLIENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
OTHER = "1" * 32
SENT = {"traceparent": f"00-{TRACE}-{CLIENT}-01", "tracestate": "vendor=1,other=2"}
SUBMIT = "POST /api/v1/scrape"
NOWHERE = "http://127.0.0.1:9"
pytestmark = pytest.mark.timeout(60)
COMPLAINTS = ("one transient error", "one that is none", "spans that were dropped")
AT_ONCE = {"max_retries": 1, "delay_between_retries": 0}


def traced(url: str, **told: str) -> dict[str, str]:
    return {"TRACING": "otlp", "OTEL_EXPORTER_OTLP_ENDPOINT": url, "OTEL_BSP_SCHEDULE_DELAY": "20", **told}


async def submitted(daemon: Daemon, url: str, **fields: Any) -> str:
    """Within the trace of a client."""
    status, answer = await daemon.ask("POST", "/scrape", json={"url": url, **fields}, headers=SENT)
    assert status == 202, answer
    job_id: str = answer["job_id"]
    return job_id


async def completed(daemon: Daemon, job_id: str) -> dict[str, Any]:
    job: dict[str, Any] = await daemon.get(f"/scrape/{job_id}?wait=20")
    assert job["status"] == "completed", job
    return job


@asynccontextmanager
async def a_site(seen: list[dict[str, str]]) -> AsyncIterator[str]:
    """It is in order from the second request on, and keeps the headers that it was sent."""

    async def page(request: web.Request) -> web.Response:
        seen.append({name.lower(): value for name, value in request.headers.items()})
        return web.Response(status=503 if len(seen) == 1 else 200, text="here")

    app = web.Application()
    app.router.add_get("/", page)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://user:secret@127.0.0.1:{runner.addresses[0][1]}/"
    finally:
        await runner.cleanup()


def under(parent: Seen, *spans: Seen) -> bool:
    return all((span.trace_id, span.parent_id) == (parent.trace_id, parent.span_id) for span in spans)


async def test_one_trace_goes_on_from_the_client_to_the_disk_over_a_retry(tmp_path: Path) -> None:
    seen: list[dict[str, str]] = []
    async with (
        collecting() as collector,
        a_site(seen) as url,
        a_daemon(tmp_path, **traced(collector.url, OTEL_RESOURCE_ATTRIBUTES="team=web")) as daemon,
    ):
        job_id = await submitted(daemon, url, config=AT_ONCE)
        await completed(daemon, job_id)
        submit, *fetches, kept_first, kept = await collector.has(TRACE, SUBMIT, "fetch", "fetch", "persist", "persist")
        assert (submit.kind, submit.parent_id, submit.state) == ("server", CLIENT, SENT["tracestate"])
        assert submit.attributes["http.response.status_code"] == 202
        assert submit.attributes["cfscraper.job.id"] == job_id
        assert under(submit, *fetches, kept_first, kept)
        _are_of_the_site(fetches, url, job_id)
        assert [span.attributes["cfscraper.job.status"] for span in (kept_first, kept)] == ["queued", "completed"]
        assert all(0 <= span.took_s < 20 for span in collector.of(TRACE))
        assert {"service.name": "cfscraper", "team": "web"}.items() <= submit.resource.items()
        assert not [name for headers in seen for name in headers if name.startswith("trace")]
        assert not [span for span in collector.spans if "/health" in span.name]


def _are_of_the_site(fetches: list[Seen], url: str, job_id: str) -> None:
    asked = {
        "http.request.method": "GET",
        "url.full": url.replace("user:secret", "REDACTED:REDACTED"),
        "server.address": "127.0.0.1",
        "server.port": int(url.rstrip("/").rpartition(":")[2]),
        "cfscraper.job.id": job_id,
    }
    assert [(span.kind, span.has_failed) for span in fetches] == [("client", True), ("client", False)]
    assert [span.attributes for span in fetches] == [
        {**asked, "http.response.status_code": 503, "error.type": "503"},
        {**asked, "http.response.status_code": 200},
    ]


async def test_each_submit_is_traced_as_its_client_says(tmp_path: Path) -> None:
    async with collecting() as collector, serving() as site, a_daemon(tmp_path, **traced(collector.url)) as daemon:
        await _what_is_not_sampled_is_traced_nowhere(daemon, collector, site)
        await _a_fetch_without_an_answer_says_why(daemon, collector)
        await _a_batch_belongs_to_who_sent_it(daemon, collector, site)
        await _a_stream_too(daemon, collector, site)
        assert not collector.of(OTHER)


async def _what_is_not_sampled_is_traced_nowhere(daemon: Daemon, collector: Collector, site: str) -> None:
    sent = {"traceparent": f"00-{OTHER}-{CLIENT}-00"}
    status, answer = await daemon.ask("POST", "/scrape", json={"url": f"{site}/page/1"}, headers=sent)
    assert status == 202
    await completed(daemon, answer["job_id"])
    assert not collector.of(OTHER)


async def _a_fetch_without_an_answer_says_why(daemon: Daemon, collector: Collector) -> None:
    job_id = await submitted(daemon, NOWHERE, config={"max_retries": 0})
    assert (await daemon.get(f"/scrape/{job_id}?wait=20"))["status"] == "failed"
    _, fetch, _ = await collector.has(TRACE, SUBMIT, "fetch", "persist")
    assert fetch.has_failed
    assert fetch.attributes["error.type"] == "connect"


async def _a_batch_belongs_to_who_sent_it(daemon: Daemon, collector: Collector, site: str) -> None:
    trace_id = "2" * 32
    sent = {"traceparent": f"00-{trace_id}-{CLIENT}-01"}
    jobs = [{"url": f"{site}/page/{n}"} for n in range(3)]
    status, _ = await daemon.ask("POST", "/scrape/bulk", json={"jobs": jobs}, headers=sent)
    assert status == 202
    bulk, *others = await collector.has(trace_id, f"{SUBMIT}/bulk", *["fetch", "persist"] * 3)
    assert under(bulk, *others)


async def _a_stream_too(daemon: Daemon, collector: Collector, site: str) -> None:
    trace_id = "3" * 32
    sent = {"traceparent": f"00-{trace_id}-{CLIENT}-01", "Content-Type": "application/x-ndjson"}
    lines = "".join(f'{{"url": "{site}/page/{n}"}}\n' for n in range(2))
    assert await daemon.said("POST", "/api/v1/scrape/stream", data=lines, headers=sent)
    stream, *others = await collector.has(trace_id, f"{SUBMIT}/stream", *["fetch", "persist"] * 2)
    assert under(stream, *others)


async def test_a_trace_goes_through_the_store_to_another_process(tmp_path: Path) -> None:
    async with (
        collecting() as collector,
        serving() as site,
        a_fleet(tmp_path, "api", "worker", **traced(collector.url, OTEL_SERVICE_NAME="fleet")) as (api, _),
    ):
        await completed(api, await submitted(api, f"{site}/page/1"))
        submit, fetch, persist = await collector.has(TRACE, SUBMIT, "fetch", "persist")
        assert under(submit, fetch, persist)
        instances = [span.resource["service.instance.id"] for span in (submit, fetch, persist)]
        assert instances[0] != instances[1] == instances[2]
        assert {span.resource["service.name"] for span in (submit, fetch, persist)} == {"fleet"}


async def test_a_trace_outlives_the_process(tmp_path: Path) -> None:
    async with collecting() as collector, serving() as site:
        async with a_daemon(tmp_path, **traced(collector.url)) as first:
            job_id = await submitted(first, f"{site}/delay/1000/page/1")
            await collector.has(TRACE, SUBMIT)
            first.tell(signal.SIGKILL)
            await first.ended()
        async with a_daemon(tmp_path, **traced(collector.url)) as second:
            await completed(second, job_id)
            submit, *others = await collector.has(TRACE, SUBMIT, "fetch", "persist")
            assert under(submit, *others)
            assert submit.resource["service.instance.id"] != others[0].resource["service.instance.id"]


@pytest.mark.parametrize("is_there", [False, True])
async def test_a_collector_that_is_away_or_hangs_costs_nobody_anything(tmp_path: Path, *, is_there: bool) -> None:
    async with collecting() as collector, serving() as site:
        collector.hang()
        url = collector.url if is_there else NOWHERE
        told = traced(
            url, OTEL_EXPORTER_OTLP_TIMEOUT="2", OTEL_BSP_MAX_QUEUE_SIZE="16", OTEL_BSP_MAX_EXPORT_BATCH_SIZE="8"
        )
        async with a_daemon(tmp_path, **told) as daemon:
            job_ids = await daemon.submit_all(*(f"{site}/page/{n}" for n in range(100)))
            for job_id in job_ids:
                await completed(daemon, job_id)
            await eventually(lambda: daemon.has_told("traces.trouble"), within_s=20)
            daemon.tell(signal.SIGTERM)
            assert await daemon.ended() == 0
            assert [event["event"] for event in daemon.events()].count("traces.trouble") <= len(COMPLAINTS)
            assert not collector.spans


async def test_what_is_queued_at_the_end_is_sent(tmp_path: Path) -> None:
    told = {"OTEL_BSP_SCHEDULE_DELAY": "3600000"}
    async with collecting() as collector, serving() as site:
        async with a_daemon(tmp_path, **{**traced(collector.url), **told}) as daemon:
            await completed(daemon, await submitted(daemon, f"{site}/page/1"))
            daemon.tell(signal.SIGTERM)
            assert await daemon.ended() == 0
        assert {span.name for span in collector.of(TRACE)} == {SUBMIT, "fetch", "persist"}


@pytest.mark.parametrize("tracing", ["off", "otlp"])
async def test_nothing_of_it_is_loaded_unless_it_is_on(tmp_path: Path, tracing: str) -> None:
    told = {**traced(NOWHERE), "TRACING": tracing, "PYTHONPROFILEIMPORTTIME": "1"}
    async with serving() as site, a_daemon(tmp_path, **told) as daemon:
        await completed(daemon, await submitted(daemon, f"{site}/page/1"))
        loaded = (tmp_path / "daemon.log").read_text()
        assert "engine.fetch.client" in loaded
        assert ("opentelemetry" in loaded) is (tracing == "otlp")


def ended(folder: Path, *path: Path, **told: str) -> tuple[int, str]:
    """The exit code of a daemon that is not to start, and what it said."""
    run = subprocess.run(
        [sys.executable, "-m", "actors", "serve"],
        env={**traced(NOWHERE, **told), "PYTHONPATH": ":".join(map(str, (*path, Path.cwd()))), "PORT": "0"},
        cwd=folder,
        capture_output=True,
        timeout=ENDS_WITHIN_S,
        check=False,
    )
    return run.returncode, run.stderr.decode()


def test_without_the_packages_it_says_what_to_install(tmp_path: Path) -> None:
    (tmp_path / "opentelemetry.py").write_text("")
    code, said = ended(tmp_path, tmp_path)
    assert code == 1
    assert "constraints-otel.txt" in said
    assert (Path.cwd() / "constraints-otel.txt").exists()


def test_an_environment_that_cannot_be_is_refused(tmp_path: Path) -> None:
    code, said = ended(tmp_path, OTEL_BSP_MAX_EXPORT_BATCH_SIZE="1000000")
    assert code == 1
    assert "OTEL_" in said


@pytest.mark.parametrize("tracing", ["off", "otlp"])
async def test_the_log_says_on_whose_behalf(tmp_path: Path, tracing: str) -> None:
    async with serving() as site, a_daemon(tmp_path, module="tests.flow.clumsy", TRACING=tracing) as daemon:
        job_id = await submitted(daemon, f"{site}/page/1?clumsy")
        await completed(daemon, job_id)
        await daemon.ask("GET", f"/scrape/{job_id}/explain", headers={**SENT, "X-Request-ID": "mine"})
        lines = {event["event"]: event for event in daemon.events()}
        of_the_job = {"job_id": job_id, "trace_id": TRACE}
        assert of_the_job.items() <= lines["actor.crashed"].items()
        assert of_the_job.items() <= lines["actor.restarting"].items()
        assert {**of_the_job, "request_id": "mine"}.items() <= lines["api.failed"].items()
        assert not {"request_id", "job_id", "trace_id"} & lines["listening"].keys()
        await _has_a_trace_of_its_own_where_we_trace(daemon, f"{site}/page/2?clumsy", is_traced=tracing == "otlp")


async def _has_a_trace_of_its_own_where_we_trace(daemon: Daemon, url: str, *, is_traced: bool) -> None:
    job_id = await daemon.submit(url)
    await completed(daemon, job_id)
    (line,) = (event for event in daemon.events() if event["event"] == "actor.crashed" and event["job_id"] == job_id)
    assert ("trace_id" in line) is is_traced
