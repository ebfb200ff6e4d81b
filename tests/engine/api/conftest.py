from collections.abc import AsyncIterator
from typing import Any, cast

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from engine.api import Services, build_app
from engine.api.directory import DIRECTORY
from tests.engine.api.services import the_services
from tests.engine.api.shelf import Shelf

Client = TestClient[web.Request, web.Application]


@pytest.fixture
def shelf() -> Shelf:
    return Shelf()


@pytest.fixture
def services(shelf: Shelf) -> Services:
    return the_services(shelf)


@pytest.fixture
async def client(services: Services) -> AsyncIterator[Client]:
    app = build_app(services)
    async with TestClient(TestServer(app)) as client:
        cast(Any, client.server).runner.server.request_handler = app[DIRECTORY].answered  # as the daemon does
        yield client
