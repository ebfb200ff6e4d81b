"""What is counted wrong in a database on a server is found."""

from random import Random

import asyncpg
import pytest

from engine.storage.postgres.opening import opened
from perf.torture.miscounts import miscounts
from tests.contracts.jobs import claim, done, new_job, settle, submit
from tests.contracts.stores import LIMITS, Hand, HandClock, blank_server
from tests.servers.postgres import fresh_database

WRONGS = {
    "UPDATE jobs SET status = 'failed' WHERE id = 'job_0000'": 3,
    "UPDATE lanes SET queued = queued + 1": 1,
    "UPDATE lanes SET head = 1e12": 1,
    "UPDATE daily SET failed = failed + 1": 1,
    "DELETE FROM counts": 3,
    "INSERT INTO lanes (lane, queued, in_flight, turn) VALUES ('none', 0, 0, 0)": 1,
    "INSERT INTO body_chunks VALUES ('job_0000', 7, 0, '')": 1,
}
"""And how many findings each makes."""


@pytest.mark.parametrize("wrong", ["SELECT 1", *WRONGS])
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
            found = [finding async for finding in miscounts(connection)]
        finally:
            await connection.close()
    assert len(found) == WRONGS.get(wrong, 0), found
