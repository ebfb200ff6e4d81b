"""What a shortage of memory means to clients."""

import asyncio
from collections.abc import Mapping
from io import BytesIO
from typing import Any

import pytest
from aiohttp.test_utils import TestServer

from engine.api import Services, build_app
from engine.runtime import Closing, Pressure
from tests.conftest import eventually
from tests.engine.api.clerk import at_work
from tests.engine.api.conftest import Client
from tests.engine.api.services import MEMORY, the_services
from tests.engine.api.shelf import Shelf
from tests.engine.api.talk import talking

JOB = {"url": "http://site.test/a"}


class Awaited(Pressure):
    """Knows when somebody waits."""

    is_awaited = False

    async def admitted(self) -> None:
        self.is_awaited = not self.is_admitting
        await super().admitted()


async def test_how_memory_stands_is_told_as_it_is(client: Client) -> None:
    async with client.get("/api/v1/system/memory") as response:
        told = await response.json()
    assert response.status == 200
    assert told.keys() == MEMORY.keys()
    assert (told["level"], told["limit"]["bytes"], told["samples"][0]["at"]) == (2, 100, "2023-11-14T22:13:20Z")


@pytest.mark.parametrize(("path", "body"), [("/scrape", JOB), ("/scrape/bulk", {"jobs": [JOB]})])
async def test_new_submits_are_refused_until_memory_is_at_ease_and_reads_go_on(
    client: Client, services: Services, shelf: Shelf, path: str, body: Mapping[str, Any]
) -> None:
    services.pressure.stop_admitting()
    async with client.post(f"/api/v1{path}", json=body) as response:
        told = await response.json()
        assert (response.status, told["error"], response.headers["Retry-After"]) == (503, "overloaded", "1")
        assert "Memory is short" in told["message"]
    assert not shelf.jobs
    assert (await client.get("/api/v1/jobs")).status == 200
    services.pressure.admit()
    assert (await client.post(f"/api/v1{path}", json=body)).status == 202
    assert len(shelf.jobs) == 1


async def test_a_body_that_is_not_taken_is_not_read(client: Client, services: Services) -> None:
    services.pressure.stop_admitting()
    body = b" " * 5_000_000  # would be refused as no JSON, were it read
    async with client.post(
        "/api/v1/scrape", data=BytesIO(body), headers={"Content-Type": "application/json"}
    ) as response:
        assert response.status == 503


async def test_a_stream_waits_and_goes_on_when_memory_is_at_ease(shelf: Shelf) -> None:
    async with at_work(shelf) as clerk:
        services = the_services(shelf, window=clerk.window, pressure=(pressure := Awaited()))
        services.pressure.stop_admitting()
        async with TestServer(build_app(services)) as server, talking(server.make_url("/")) as talk:
            await talk.tell(JOB)
            heard = asyncio.ensure_future(talk.hear())
            await eventually(lambda: pressure.is_awaited)
            assert not heard.done()
            assert not shelf.jobs
            services.pressure.admit()
            (said,) = await heard
            assert said["status"] == "queued"
            await talk.end()


async def test_a_stream_that_waits_for_memory_ends_when_the_service_stops(shelf: Shelf) -> None:
    closing = Closing()
    async with at_work(shelf) as clerk:
        services = the_services(shelf, window=clerk.window, closing=closing, pressure=(pressure := Awaited()))
        services.pressure.stop_admitting()
        async with TestServer(build_app(services)) as server, talking(server.make_url("/")) as talk:
            await talk.tell(JOB)
            await eventually(lambda: pressure.is_awaited)
            closing.begin()
            assert await talk.hear() == []
    assert not shelf.jobs
