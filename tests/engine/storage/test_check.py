"""The check finds what is planted in a file, and nothing in a sound one."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.storage.check import check
from tests.contracts.stores import Hand, sqlite
from tests.engine.storage.checked import filled

FAULTS = {
    "UPDATE job_results SET body = x'28b52ffd00' WHERE body IS NOT NULL": "the body of job_0000 is damaged",
    "UPDATE body_chunks SET data = zeroblob(9)": "the body of job_0001 is damaged",
    "DELETE FROM body_chunks WHERE seq = 1": "the body of job_0001 lacks 1 pieces",
    "DELETE FROM jobs WHERE id = 'job_0000'": "row 1 of job_results refers to nothing in jobs",
    "UPDATE counts SET n = n + 1 WHERE status = 'running' AND batch_id = ''": "running jobs of the store",
    "UPDATE counts SET n = 0 WHERE batch_id = 'batch_1'": "queued jobs of batch_1",
    "UPDATE jobs SET due_at = 1.0 WHERE id = 'job_0003'": "scheduled jobs of the store",
    "UPDATE daily SET failed = failed + 1": "http jobs of 2023-11-14: there are +0 (+0 completed, -1 failed",
    "DELETE FROM daily": "http jobs of 2023-11-14: there are +5 (+2 completed",
    "UPDATE lanes SET queued = 9 WHERE lane = 'site.test batch_1'": "lane site.test batch_1: there are -8 queued",
    "INSERT INTO lanes (lane, queued, in_flight, turn) VALUES ('x.test', 0, 0, 1.0)": "lane x.test is empty",
    "UPDATE lanes SET batch_id = NULL": "lane site.test batch_2 limited is not counted under the batch of its jobs",
    "UPDATE batches SET queued = 3": "batch_2: there are -2 queued and +0 in flight",
    "UPDATE batches SET in_flight = 3": "batch_2: 3 jobs are in flight, 2 may be",
    "DELETE FROM alembic_version": "cfscraper migrate",
    "UPDATE sqlite_master SET rootpage = 9999 WHERE name = 'jobs_host'": "damage",
}


async def a_file(folder: Path) -> Path:
    async with sqlite(folder, Hand()) as store:
        await filled(store)
    return folder / "jobs.db"


async def test_nothing_is_wrong_with_a_sound_file(tmp_path: Path) -> None:
    assert check(await a_file(tmp_path)) == []


@pytest.mark.parametrize("fault", FAULTS)
async def test_what_is_wrong_is_found_and_named(tmp_path: Path, fault: str) -> None:
    path = await a_file(tmp_path)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("PRAGMA writable_schema = ON")
        connection.execute(fault)
    assert any(FAULTS[fault] in finding for finding in check(path))


def test_a_file_that_is_missing_or_no_database_is_said_to_be(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    assert "there is no" in check(path)[0]
    path.write_bytes(b"notes" * 1000)
    assert "is damaged" in check(path)[0]
