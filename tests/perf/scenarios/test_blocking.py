"""The daemon's application with a read in each request, on the loop of who asks."""

import asyncio
from pathlib import Path

import pytest

from config.settings import Settings
from engine.storage.migrate import migrate
from perf.scenarios.backlog import build
from perf.scenarios.blocking import reader
from perf.scenarios.pg_backlog import fill
from tests.servers.postgres import fresh_database


async def test_a_read_of_a_file_brings_the_jobs_row_or_the_first_ones(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    await build(path, rows=10, hosts=2)
    read = reader(Settings.load({"DATABASE_URL": f"sqlite:///{path}"}, tmp_path / ".env"))
    first, other = read(""), read("job_000000000003")
    assert isinstance(first, list)
    assert isinstance(other, list)
    assert len(first) == len(other) == 1
    assert first != other


@pytest.mark.parametrize(("job_id", "rows"), [("", 1), ("job_000000000003", 1), ("job_z", 0)])
async def test_a_read_of_a_server_brings_a_row(job_id: str, rows: int, tmp_path: Path) -> None:
    async with fresh_database() as url:
        await asyncio.to_thread(migrate, url)
        await fill(url, rows=10, hosts=2)
        assert reader(Settings.load({"DATABASE_URL": url}, tmp_path / ".env"))(job_id) == rows
