"""A database and a clock for each test."""

from collections.abc import AsyncIterator
from random import Random

import pytest

from engine.storage.postgres import pool
from engine.storage.postgres.opening import opened
from engine.storage.postgres.store import PostgresStore
from tests.contracts.stores import LIMITS, Hand, HandClock, blank_server
from tests.servers.postgres import fresh_database


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture(autouse=True)
def _looks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pool, "LOOKS_EVERY_S", 0.01)


@pytest.fixture
async def url() -> AsyncIterator[str]:
    """Of a database with the schema and nothing in it."""
    async with fresh_database(template=blank_server()) as fresh:
        yield fresh


@pytest.fixture
async def store(url: str, hand: Hand) -> AsyncIterator[PostgresStore]:
    async with opened(url, limits=LIMITS, clock=HandClock(hand), draw=Random(1).random) as found:
        yield found
