"""A database and a clock for each test."""

from collections.abc import AsyncIterator

import pytest

from engine.storage.postgres import pool
from tests.contracts.stores import Hand
from tests.servers.postgres import fresh_database


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "LOOKS_EVERY_S", 0.01)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with fresh_database() as fresh:
        yield fresh
