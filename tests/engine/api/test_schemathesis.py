"""The API against its own OpenAPI document: what it allows is accepted, what it forbids refused, nothing else answered.

The same cases each time.
"""

import asyncio
import json
import re
import threading
from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
from aiohttp import web
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from schemathesis.checks import negative_data_rejection
from schemathesis.config import (
    ChecksConfig,
    CoveragePhaseConfig,
    GenerationConfig,
    PhasesConfig,
    PositiveDataAcceptanceConfig,
    ProjectConfig,
    ProjectsConfig,
    SchemathesisConfig,
)

from engine.api import build_app, openapi
from engine.api.fields import KEY
from engine.api.routes import DOCUMENTED, ROUTES
from engine.jobs.job import Batch
from engine.jobs.query import Explanation
from engine.jobs.stages import Stage
from engine.jobs.stats import Figures, day_of
from tests.engine.api.clerk import Clerk
from tests.engine.api.services import NOW, the_services
from tests.engine.api.shelf import Shelf
from tests.engine.jobs.builders import a_job, a_page

HOST = r"[a-z]{1,20}(\.[a-z]{2,9}){0,3}(:[1-9][0-9]{0,3})?"
schemathesis.openapi.format("http-url", st.from_regex(rf"https?://{HOST}(/[!-~]{{0,20}})?", fullmatch=True))
schemathesis.openapi.format("http-proxy", st.from_regex(rf"http://{HOST}", fullmatch=True))
schemathesis.openapi.format("cursor", st.just(""))

RUNNING = a_job(id="job_r").claimed(now=200.0, until=230.0)
DONE = a_job(id="job_d").claimed(now=200.0, until=230.0).completed(now=201.0, ran_s=1.0)
KEYS = count()
PRUNED = a_job(id="job_p").claimed(now=200.0, until=230.0).completed(now=201.0, ran_s=1.0)
JOBS = ("job_r", "job_d", "job_q", "job_p")

ACCEPTED = ("2xx", 404, 409, 410, "5xx")
"""What a request that the document allows may be answered, as things stand."""

SERVICES = the_services(Shelf())
SCHEMA = schemathesis.openapi.from_dict(
    openapi.document((*ROUTES, *DOCUMENTED), SERVICES),
    config=SchemathesisConfig(
        projects=ProjectsConfig(
            default=ProjectConfig(
                generation=GenerationConfig(deterministic=True, allow_x00=False, max_examples=40),
                # its cases are made when the test is collected: half a minute for every run of any test
                phases=PhasesConfig(coverage=CoveragePhaseConfig(enabled=False)),
                checks=ChecksConfig(positive_data_acceptance=PositiveDataAcceptanceConfig(expected_statuses=ACCEPTED)),
            )
        )
    ),
)


@schemathesis.serializer("application/x-ndjson")
def one_line(_: Any, document: Any) -> bytes:
    return json.dumps(document).encode() + b"\n"


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


@SCHEMA.hook
def map_headers(_: Any, headers: dict[str, Any] | None) -> dict[str, Any] | None:
    """A key that is one is another each time: what is asked under it again would have to be the same."""
    if headers and re.fullmatch(KEY[1:-1], str(headers.get("Idempotency-Key", ""))):
        return {**headers, "Idempotency-Key": str(next(KEYS))}
    return headers


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    """A real server on a loop of its own, in a thread."""
    loop = asyncio.new_event_loop()
    shelf = Shelf()
    clerk = Clerk(shelf)
    work = loop.create_task(clerk.run())
    runner, address = loop.run_until_complete(_served(shelf, clerk))
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield address
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.run_until_complete(runner.cleanup())
    clerk.mailbox.close()
    loop.run_until_complete(work)
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()


async def _served(shelf: Shelf, clerk: Clerk) -> tuple[web.AppRunner, str]:
    for job in (RUNNING, PRUNED, a_job(id="job_q"), a_job(id="job_b", batch_id="batch_1")):
        shelf.put(job)
    shelf.batches["batch_1"] = Batch(id="batch_1", total=1, created_at=100.0, parallel_limit=1)
    shelf.put(DONE, a_page(body=b"<p>hello", size=8))
    shelf.days[day_of(NOW), "http"] = Figures(created=5, completed=2, answered=1, answered_us=500_000)
    spent = tuple(range(len(Stage)))
    shelf.explanations[DONE.id] = Explanation(job=DONE, last=spent, total=spent)
    runner = web.AppRunner(build_app(the_services(shelf, window=clerk.window)), access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    return runner, f"http://127.0.0.1:{runner.addresses[0][1]}"


@SCHEMA.parametrize()
@settings(deadline=None, suppress_health_check=list(HealthCheck))
def test_the_api_does_what_its_document_says(case: schemathesis.Case[Any], url: str) -> None:
    each_line_is_judged_by_itself = case.path.endswith("/stream")
    case.call_and_validate(
        base_url=url, excluded_checks=[negative_data_rejection] if each_line_is_judged_by_itself else None
    )
