"""How processes on one server hear from each other, and what they say when they cannot."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

import asyncpg
import pytest

from engine.jobs.command import Cancel
from engine.jobs.lease import Lease
from engine.storage.postgres import bell
from engine.storage.postgres.bell import Ended, Held
from engine.storage.postgres.opening import opened
from engine.storage.postgres.store import PostgresStore
from tests.conftest import eventually
from tests.contracts.jobs import claim, new_job, submit
from tests.contracts.stores import LIMITS, Hand, HandClock

LISTENS = """
    SELECT pid FROM pg_stat_activity
    WHERE datname = current_database() AND (query LIKE 'LISTEN%' OR query LIKE 'SELECT pg_notify%')
"""
NOWHERE = "postgresql://nobody@127.0.0.1:1/nowhere"


@pytest.fixture(autouse=True)
def _asks_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bell, "ASK_EVERY_S", 0.05)


@asynccontextmanager
async def attending(
    url: str,
    hand: Hand,
    said: list[str],
    *,
    listen_url: str | None,
    held: Held = tuple,
    ended: Ended = lambda _: None,
) -> AsyncIterator[PostgresStore]:
    clock, draw = HandClock(hand), Random(1).random
    async with (
        opened(url, limits=LIMITS, clock=clock, draw=draw, listen_url=listen_url, say=said.append) as store,
        asyncio.TaskGroup() as group,
    ):
        task = group.create_task(store.attend(held=held, ended=ended))
        yield store
        task.cancel()


async def test_who_cannot_listen_says_so_once_and_asks_instead(url: str, hand: Hand) -> None:
    said: list[str] = []
    async with attending(url, hand, said, listen_url=NOWHERE) as store:
        await eventually(lambda: said)
        for _ in range(3):  # each time it asked, it also tried again to listen
            await store.claim(1, owner="me", lease_s=30.0)
            await asyncio.wait_for(store.wait_for_work(60.0), 10)
    assert len(said) == 1
    assert "cannot be reached" in said[0]


@pytest.mark.parametrize("listen_url", [None, NOWHERE])
async def test_who_cannot_listen_asks_which_of_its_leases_are_gone(
    url: str, hand: Hand, listen_url: str | None
) -> None:
    held: list[Lease] = []
    ended: list[str] = []
    async with (
        attending(url, hand, [], listen_url=listen_url, held=lambda: held, ended=ended.extend) as store,
        attending(url, hand, [], listen_url=None) as another,
    ):
        await submit(store, *map(new_job, range(3)))
        held += await claim(store, 3)
        await another.commit([Cancel(job_id=held[1].job_id)])
        await eventually(lambda: ended)
    assert set(ended) == {held[1].job_id}


async def test_who_lost_its_connection_says_so_and_hears_again(url: str, hand: Hand) -> None:
    said: list[str] = []
    other = await asyncpg.connect(url, timeout=10)
    async with (
        attending(url, hand, said, listen_url=url) as store,
        attending(url, hand, [], listen_url=url) as another,
    ):
        for losses in range(1, 3):
            listeners = await _listeners(other)
            for pid in listeners:
                await other.fetchval("SELECT pg_terminate_backend($1)", pid)
            await eventually(lambda losses=losses: len(said) == losses)  # type: ignore[misc]
            await _listeners(other)
            await store.claim(1, owner="me", lease_s=30.0)
            await submit(another, new_job(losses))
            await asyncio.wait_for(store.wait_for_work(60.0), 10)
    await other.close(timeout=5)


async def _listeners(connection: asyncpg.Connection) -> list[int]:
    """Once there are two."""
    while len(found := [pid for (pid,) in await connection.fetch(LISTENS)]) < 2:  # noqa: ASYNC110 - of other processes
        await asyncio.sleep(0.01)
    return found
