"""`cfscraper move`: what it shows and how it ends; no password is ever shown."""

import asyncio
from collections.abc import AsyncIterator
from io import StringIO
from pathlib import Path
from unittest.mock import patch

import asyncpg
import pytest
from rich.console import Console
from typer.testing import CliRunner, Result

from actors.__main__ import cli
from actors.move import move
from perf.servers.postgres import PASSWORD
from tests.contracts.stores import Hand
from tests.engine.storage.moves import a_store
from tests.servers.postgres import fresh_database

SECRET = "open-sesame"


@pytest.fixture
async def url() -> AsyncIterator[str]:
    async with fresh_database() as fresh:
        yield fresh


async def told(*command: str, **environment: str) -> Result:
    return await asyncio.to_thread(lambda: CliRunner().invoke(cli, command, env=environment))


async def test_all_is_moved_and_compared_and_checked(tmp_path: Path, url: str) -> None:
    path = await a_store(tmp_path, Hand())
    moved = await told("move", "--from", f"sqlite:///{path}", "--to", url)
    assert moved.exit_code == 0, moved.output
    assert "jobs: 116/116 rows" in moved.output
    assert "all is there" in moved.output
    again = await told("move", "--from", f"sqlite:///{path}", DATABASE_URL=url)
    assert again.exit_code == 0, again.output
    assert "completed jobs" in again.output
    checked = await told("check", DATABASE_URL=url)
    assert (checked.exit_code, checked.output.strip()) == (0, "nothing is wrong")
    migrated = await told("migrate", DATABASE_URL=url)
    assert migrated.exit_code == 0
    assert PASSWORD not in moved.output + again.output + checked.output + migrated.output


async def test_it_goes_past_a_pooler(tmp_path: Path, url: str) -> None:
    path = await a_store(tmp_path, Hand())
    pooled = {"DATABASE_URL": f"postgresql://me:{SECRET}@127.0.0.1:1/d", "DB_POOLER": "transaction"}
    moved = await told("move", "--from", f"sqlite:///{path}", DATABASE_LISTEN_URL=url, **pooled)
    assert moved.exit_code == 0, moved.output
    checked = await told("check", DATABASE_LISTEN_URL=url, **pooled)
    assert checked.exit_code == 0, checked.output
    assert (await told("migrate", DATABASE_LISTEN_URL=url, **pooled)).exit_code == 0
    assert (await told("check", **pooled)).exit_code == 1


async def test_a_difference_is_named_and_ends_it_with_1(tmp_path: Path, url: str) -> None:
    path = await a_store(tmp_path, Hand())
    await told("move", "--from", f"sqlite:///{path}", "--to", url)
    connection = await asyncpg.connect(url)
    await connection.execute("DELETE FROM job_tags; UPDATE counts SET n = n + 1 WHERE status = 'queued'")
    await connection.close()
    moved = await told("move", "--from", f"sqlite:///{path}", "--to", url)
    assert (moved.exit_code, "not the same on both sides: job_tags" in moved.output) == (1, True)
    checked = await told("check", DATABASE_URL=url)
    assert checked.exit_code == 1
    assert "queued jobs of the store: there are -1 beside those counted" in checked.output


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("sqlite:///{}/none.db", f"postgresql://me:{SECRET}@127.0.0.1:1/d"),
        ("sqlite:///{}/jobs.db", f"postgresql://me:{SECRET}@127.0.0.1:1/d"),
        ("sqlite:///{}/jobs.db", f"postgresql://me:{SECRET}@127.0.0.1:port/d"),
        ("sqlite:///{}/jobs.db", f"mysql://me:{SECRET}@127.0.0.1:1/d"),
        (f"postgresql://me:{SECRET}@127.0.0.1:1/d", "sqlite:///{}/jobs.db"),
    ],
)
async def test_what_cannot_be_moved_ends_it_with_2(tmp_path: Path, source: str, target: str) -> None:
    await a_store(tmp_path, Hand())
    moved = await told("move", "--from", source.format(tmp_path), "--to", target.format(tmp_path))
    assert moved.exit_code == 2, moved.output
    assert moved.output.strip()
    assert "Traceback" not in moved.output
    assert SECRET not in moved.output


async def test_a_terminal_has_a_bar_a_table(tmp_path: Path, url: str) -> None:
    path = await a_store(tmp_path, Hand())
    shown = StringIO()
    console = Console(file=shown, force_terminal=True, width=100)
    with patch("engine.storage.move.moving.STRETCH_ROWS", 50):
        assert await asyncio.to_thread(move, f"sqlite:///{path}", url, console) == 0
    assert "100/116" in shown.getvalue()
    assert "116/116" in shown.getvalue()
    assert "rows, " not in shown.getvalue()
