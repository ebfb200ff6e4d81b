"""What stands where nobody would look for it is found."""

from random import Random

import asyncpg
import pytest

from engine.storage.postgres.opening import opened
from perf.torture.strays import strays
from tests.contracts.jobs import claim, done, new_job, settle, submit
from tests.contracts.stores import LIMITS, Hand, HandClock, blank_server
from tests.servers.postgres import fresh_database

WRONGS = {
    "SELECT 1": 0,
    "UPDATE lanes SET head = 1e12": 1,
    "INSERT INTO body_chunks VALUES ('job_0000', 7, 0, '')": 1,
}
"""And how many findings each makes."""


@pytest.mark.parametrize("wrong", WRONGS)
async def test_what_is_wrong_is_found_and_nothing_else(wrong: str) -> None:
    async with (
        fresh_database(template=blank_server()) as url,
        opened(url, limits=LIMITS, clock=HandClock(Hand()), draw=Random(1).random) as store,
    ):
        await submit(store, *(new_job(number) for number in range(3)))
        await settle(store, done((await claim(store, 1))[0]))
        await claim(store, 1)
        connection = await asyncpg.connect(url)
        try:
            await connection.execute(wrong)
            found = [finding async for finding in strays(connection)]
        finally:
            await connection.close()
    assert len(found) == WRONGS[wrong], found
