"""The OpenAPI document: valid, whole, made of the models that validate; and the page that shows it."""

import re
from typing import Any

import jsonschema_rs
import orjson
import pytest
from aiohttp.test_utils import TestClient, TestServer

from engine.api import build_app
from engine.api.rendering import NDJSON
from tests.engine.api.conftest import Client
from tests.engine.api.services import the_services
from tests.engine.api.shelf import Shelf

PATHS = {
    "/": {"get"},
    "/health": {"get"},
    "/metrics": {"get"},
    "/docs": {"get"},
    "/openapi.json": {"get"},
    "/api/v1/scrape": {"post"},
    "/api/v1/scrape/bulk": {"post"},
    "/api/v1/scrape/stream": {"post"},
    "/api/v1/scrape/{job_id}": {"get", "delete"},
    "/api/v1/scrape/{job_id}/retry": {"post"},
    "/api/v1/scrape/{job_id}/result": {"get"},
    "/api/v1/scrape/{job_id}/download": {"get"},
    "/api/v1/scrape/{job_id}/explain": {"get"},
    "/api/v1/jobs": {"get"},
    "/api/v1/jobs/search": {"post"},
    "/api/v1/jobs/bulk/retry": {"post"},
    "/api/v1/jobs/queue/status": {"get"},
    "/api/v1/jobs/stats": {"get"},
    "/api/v1/admin/memory/snapshot": {"post"},
    "/api/v1/admin/profile": {"post"},
    "/api/v1/system/guarantees": {"get"},
    "/api/v1/system/capacity": {"get"},
    "/api/v1/system/memory": {"get"},
    "/api/v1/jobs/queue/clear": {"post"},
    "/api/v1/jobs/bulk": {"delete"},
    "/api/v1/jobs/bulk/cancel": {"post"},
    "/api/v1/batches/{batch_id}": {"get", "delete"},
    "/api/v1/health": {"get"},
    "/api/v1/health/live": {"get"},
    "/api/v1/health/ready": {"get"},
}


@pytest.fixture
async def document(client: Client) -> Any:
    async with client.get("/openapi.json") as response:
        return await response.json()


async def test_every_route_is_there_and_no_other(document: Any) -> None:
    assert document["openapi"].startswith("3.1")
    assert {path: set(methods) for path, methods in document["paths"].items()} == PATHS
    names = [each["operationId"] for methods in document["paths"].values() for each in methods.values()]
    assert len(names) == len(set(names))


async def test_every_reference_leads_to_a_valid_schema(document: Any) -> None:
    schemas = document["components"]["schemas"]
    named = set(re.findall(r'"\$ref":"#/components/schemas/(\w+)"', orjson.dumps(document).decode()))
    assert named == set(schemas)
    for name in named:
        jsonschema_rs.meta.validate(schemas[name])
    assert {"ScrapeRequest", "BulkScrapeRequest", "Config", "JobSearch", "ErrorAnswer"} <= set(schemas)


async def test_a_stream_says_what_its_lines_are(document: Any) -> None:
    stream = document["paths"]["/api/v1/scrape/stream"]["post"]
    schemas = document["components"]["schemas"]
    assert list(stream["requestBody"]["content"]) == list(stream["responses"]["200"]["content"]) == [NDJSON]
    lines = stream["responses"]["200"]["content"][NDJSON]["schema"]["oneOf"]
    assert [line["$ref"].rpartition("/")[2] for line in lines] == ["LineAccepted", "LineRefused"]
    assert {"LineAccepted", "LineRefused", "StreamedRequest"} <= set(schemas)
    assert "idempotency_key" in schemas["StreamedRequest"]["properties"]


async def test_where_a_key_is_taken_and_when_to_come_back_is_said(document: Any) -> None:
    takes = {
        path
        for path, methods in document["paths"].items()
        for each in methods.values()
        if "Idempotency-Key" in [parameter["name"] for parameter in each.get("parameters", ())]
    }
    assert takes == {"/api/v1/scrape", "/api/v1/scrape/bulk"}
    answers = document["paths"]["/api/v1/scrape"]["post"]["responses"]
    assert ("Idempotent-Replayed" in answers["202"]["headers"], "507" in answers) == (True, True)
    assert "Retry-After" in answers["503"]["headers"]


async def test_defaults_and_bounds_are_those_of_the_settings(document: Any) -> None:
    config = document["components"]["schemas"]["Config"]["properties"]
    assert (config["timeout"]["default"], config["max_body_bytes"]["maximum"]) == (20.0, 1_000_000)


async def test_the_page_asks_no_other_host(client: Client) -> None:
    async with client.get("/docs") as response:
        text = await response.text()
        assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert not re.search(r"https?://|//\w", text)
    assert 'fetch("openapi.json")' in text


@pytest.mark.parametrize("path", ["/docs", "/openapi.json"])
async def test_docs_can_be_switched_off(path: str) -> None:
    app = build_app(the_services(Shelf(), enable_docs=False))
    async with TestClient(TestServer(app)) as client, client.get(path) as response:
        assert response.status == 404
