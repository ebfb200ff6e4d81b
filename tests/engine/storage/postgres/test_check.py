"""The check finds what is planted in a server's database, and nothing in a sound one."""

from random import Random
from unittest.mock import patch

import asyncpg
import pytest

from engine.storage.postgres.check import found_in
from engine.storage.postgres.opening import opened
from tests.contracts.stores import LIMITS, Hand, HandClock
from tests.engine.storage.checked import filled

TWICE = """
    WITH half AS (UPDATE lane_states SET queued = queued - 1 WHERE lane = 'site.test batch_1' RETURNING *)
    INSERT INTO lane_states SELECT lane, 1, 0, blocked_until, turn, batch_id, head, entered, version + 1 FROM half
"""
FAULTS = {
    r"UPDATE job_results SET body = '\x28b52ffd00' WHERE body IS NOT NULL": "the body of job_0000 is damaged",
    r"UPDATE body_chunks SET data = '\x0000' WHERE seq = 1": "the body of job_0001 is damaged",
    "DELETE FROM body_chunks WHERE seq = 1": "the body of job_0001 lacks 1 pieces",
    "UPDATE job_results SET job_id = 'job_9' WHERE chunks = 2": "row job_9 of job_results refers to nothing in jobs",
    "UPDATE counts SET n = n + 1 WHERE status = 'running' AND batch_id = ''": "running jobs of the store",
    "UPDATE counts SET n = 0 WHERE batch_id = 'batch_1'": "queued jobs of batch_1",
    "INSERT INTO counts VALUES ('', 'completed', 77, -1)": "completed jobs of the store: there are +1",
    "UPDATE jobs SET due_at = 1.0 WHERE id = 'job_0003'": "scheduled jobs of the store",
    "UPDATE daily SET failed = failed + 1": "http jobs of 2023-11-14: there are +0 (+0 completed, -1 failed",
    "DELETE FROM daily": "http jobs of 2023-11-14: there are +5 (+2 completed",
    "UPDATE lanes SET queued = 9 WHERE lane = 'site.test batch_1'": "lane site.test batch_1: there are -8 queued",
    "INSERT INTO lane_states (lane, queued, in_flight, turn) VALUES ('x.test', 0, 0, 1.0)": "lane x.test is empty",
    TWICE: "lane site.test batch_1 is there more than once",
    "UPDATE lanes SET batch_id = NULL": "lane site.test batch_2 limited is not counted under the batch of its jobs",
    "UPDATE batches SET queued = 3": "batch_2: there are -2 queued and +0 in flight",
    "UPDATE batches SET in_flight = 3": "batch_2: 3 jobs are in flight, 2 may be",
    "DELETE FROM alembic_version": "cfscraper migrate",
    "DROP TABLE alembic_version": "cfscraper migrate",
}


@pytest.fixture
async def url(url: str, hand: Hand) -> str:
    """Of a database with all kinds of rows in it."""
    async with opened(url, limits=LIMITS, clock=HandClock(hand), draw=Random(1).random) as store:
        await filled(store)
    return url


async def test_nothing_is_wrong_with_a_sound_database(url: str) -> None:
    assert await found_in(url) == []


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_is_wrong_is_found_and_named(url: str, fault: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(fault)
    await connection.close()
    assert any(FAULTS[fault] in finding for finding in await found_in(url))


async def test_all_bodies_are_looked_at_however_many_there_are(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(r"UPDATE body_chunks SET data = '\x00'; UPDATE job_results SET body = '\x00'")
    await connection.close()
    with patch("engine.storage.postgres.check.FRAMES", 1):
        damaged = [finding[:24] for finding in await found_in(url) if "damaged" in finding]
    assert sorted(damaged) == ["the body of job_0000 is ", *["the body of job_0001 is "] * 3]


async def test_a_server_that_is_not_there_is_said_so() -> None:
    (finding,) = await found_in("postgresql://nobody:of-importance@127.0.0.1:1/nothing")
    assert "cannot be reached" in finding
    assert "of-importance" not in finding
