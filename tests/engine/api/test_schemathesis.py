"""The API against its own OpenAPI document: what it allows is accepted, what it forbids refused, nothing else answered.

The same cases each time.
"""

import asyncio
import threading
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.config import (
    CoveragePhaseConfig,
    GenerationConfig,
    PhasesConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)

from engine.api import build_app, openapi
from engine.api.routes import DOCUMENTED, ROUTES
from engine.jobs.job import Batch
from tests.engine.api.services import the_services
from tests.engine.api.shelf import Shelf
from tests.engine.jobs.builders import a_job, a_page

HOST = r"[a-z]{1,20}(\.[a-z]{2,9}){0,3}(:[1-9][0-9]{0,3})?"
schemathesis.openapi.format("http-url", st.from_regex(rf"https?://{HOST}(/[!-~]{{0,20}})?", fullmatch=True))
schemathesis.openapi.format("http-proxy", st.from_regex(rf"http://{HOST}", fullmatch=True))
schemathesis.openapi.format("cursor", st.just(""))

RUNNING = a_job(id="job_r").claimed(now=200.0, until=230.0)
DONE = a_job(id="job_d").claimed(now=200.0, until=230.0).completed(now=201.0, ran_s=1.0)
JOBS = ("job_r", "job_d", "job_q")

SERVICES = the_services(Shelf())
SCHEMA = schemathesis.openapi.from_dict(
    openapi.document((*ROUTES, *DOCUMENTED), SERVICES),
    config=SchemathesisConfig(
        projects=ProjectsConfig(
            default=ProjectConfig(
                generation=GenerationConfig(deterministic=True, allow_x00=False, max_examples=40),
                # its cases are made when the test is collected: half a minute for every run of any test
                phases=PhasesConfig(coverage=CoveragePhaseConfig(enabled=False)),
            )
        )
    ),
)


@SCHEMA.hook
def map_path_parameters(_: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Half of the ids are those of jobs and of a batch that are there."""
    parameters = path_parameters or {}
    if str(parameters.get("batch_id", "")).startswith("batch_") and len(parameters["batch_id"]) % 2:
        return {"batch_id": "batch_1"}
    job_id = str(parameters.get("job_id", ""))
    if job_id.startswith("job_") and len(job_id) % 2:
        return {"job_id": JOBS[len(job_id) % len(JOBS)]}
    return path_parameters


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A real server on a loop of its own, in a thread."""
    loop = asyncio.new_event_loop()
    runner, address = loop.run_until_complete(_served())
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield address
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(runner.cleanup())
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


async def _served() -> tuple[web.AppRunner, str]:
    shelf = Shelf()
    for job in (RUNNING, a_job(id="job_q"), a_job(id="job_b", batch_id="batch_1")):
        shelf.put(job)
    shelf.batches["batch_1"] = Batch(id="batch_1", total=1, created_at=100.0, parallel_limit=1)
    shelf.put(DONE, a_page(body=b"<p>hello", size=8))
    runner = web.AppRunner(build_app(the_services(shelf)), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@SCHEMA.parametrize()
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_the_api_does_what_its_document_says(case: schemathesis.Case[Any], url: str) -> None:
    case.call_and_validate(base_url=url)
