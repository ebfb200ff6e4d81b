"""What a connection costs the server beside what it is asked to do."""

from collections.abc import AsyncIterator
from random import Random

import asyncpg
import pytest

from engine.storage.postgres import pool
from engine.storage.postgres.limits import PoolLimits
from engine.storage.postgres.opening import opened
from engine.storage.postgres.session import connected, opening
from engine.storage.postgres.settles import SETTLE
from engine.storage.postgres.store import PostgresStore
from tests.contracts.day import a_day
from tests.contracts.stores import Hand, HandClock, blank_server
from tests.servers.postgres import fresh_database

MADE_FOR_VALUES = "SELECT statement FROM pg_prepared_statements WHERE custom_plans > 0"
MADE = "SELECT count(*) FROM pg_prepared_statements WHERE generic_plans > 0"
OUTLIVES = "SELECT count(*) > 0 FROM pg_prepared_statements"
ABOUT_TYPES = "pg_catalog.pg_type"
"""In what the driver asks about a type that it does not know."""


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that connections ask from here on, what the driver asks by itself too."""
    asked: list[str] = []

    async def heard(url: str, limits: PoolLimits) -> asyncpg.Connection:
        connection = await connected(url, limits)
        connection.add_query_logger(lambda record: asked.append(record.query))
        return connection

    monkeypatch.setattr(pool, "connected", heard)
    return asked


@pytest.fixture
async def store(asked: list[str], hand: Hand) -> AsyncIterator[PostgresStore]:  # noqa: ARG001 - to be heard from the first
    limits = PoolLimits(size=1, overflow=0)
    async with (
        fresh_database(template=blank_server()) as url,
        opened(url, limits=limits, clock=HandClock(hand), draw=Random(1).random) as found,
    ):
        yield found


async def test_no_plan_is_made_for_the_values_at_hand(store: PostgresStore, hand: Hand) -> None:
    await a_day(store, hand)
    async with store._pool.connection() as connection:
        assert await connection.fetch(MADE_FOR_VALUES) == []
        assert await connection.fetchval(MADE) > 10


@pytest.mark.parametrize(("is_pooled", "planned"), [(False, "force_generic_plan"), (True, "auto")])
async def test_plans_are_made_for_any_values_where_a_statement_outlives_its_transaction(
    url: str, *, is_pooled: bool, planned: str
) -> None:
    limits = PoolLimits(is_pooled=is_pooled)
    connection = await connected(url, limits)
    try:
        await connection.execute(opening(limits))
        assert await connection.fetchval("SHOW plan_cache_mode") == planned
        assert await connection.fetchval("SHOW enable_seqscan") == "off"
        assert await connection.fetchval(OUTLIVES) is not is_pooled
    finally:
        await connection.close()


async def test_the_driver_knows_the_types_of_all_that_is_asked(
    store: PostgresStore, asked: list[str], hand: Hand
) -> None:
    await a_day(store, hand)
    assert [text for text in asked if ABOUT_TYPES in text] == []
    assert SETTLE in asked
