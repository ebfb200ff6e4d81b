from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from engine.api import Services, build_app
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
    async with TestClient(TestServer(build_app(services))) as client:
        yield client
