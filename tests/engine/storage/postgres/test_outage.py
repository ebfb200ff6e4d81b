"""A server that is killed under its users and comes back."""

import asyncio
from time import monotonic

import pytest

from engine.errors import StoreAwayError, StoreError
from engine.storage.postgres.faults import TRANSLATED
from engine.storage.postgres.pool import Pool
from engine.storage.postgres.retry import Patience, retried
from perf.servers.postgres import a_postgres
from tests.conftest import eventually
from tests.engine.storage.postgres.watching import a_pool

USERS = 8


async def _one(pool: Pool) -> int:
    async with pool.connection() as connection:
        return int(await connection.fetchval("SELECT 1"))


@pytest.mark.parametrize("way", ["killed", "stopped"])
async def test_users_are_told_while_it_is_down_and_served_within_a_second_of_its_return(way: str) -> None:
    served = 0
    told: set[type[BaseException]] = set()

    async def use() -> None:
        nonlocal served
        while True:
            try:
                with TRANSLATED:
                    served += await _one(place.pool)
            except StoreError as error:
                told.add(type(error))
                await asyncio.sleep(0.01)

    with a_postgres(durable=False) as server:
        async with a_pool(server.url, size=3, overflow=2) as place:
            users = [asyncio.create_task(use()) for _ in range(USERS)]
            await eventually(lambda: served)
            await asyncio.to_thread(server.kill if way == "killed" else server.stop)
            before = served
            told.clear()
            await eventually(lambda: told)
            assert served == before
            server.start()
            await eventually(lambda: served > before + 10 * USERS, within_s=1.0)
            for user in users:
                user.cancel()
            await asyncio.wait(users)
            assert all(user.cancelled() for user in users)
            assert told == {StoreAwayError}
            assert place.watch.counts["failed"]
            assert place.pool.checked_out == 0


async def test_who_is_patient_does_not_notice() -> None:
    patience = Patience(tries=100, longest_s=0.05, within_s=20.0)
    tries = 0

    async def ask() -> int:
        nonlocal tries
        tries += 1
        return await _one(place.pool)

    with a_postgres(durable=False) as server:
        async with a_pool(server.url) as place:
            server.kill()
            asked = asyncio.create_task(retried(ask, draw=lambda: 0.5, clock=monotonic, patience=patience))
            await eventually(lambda: tries > 2)
            server.start()
            assert await asked == 1
