"""Leases are kept alive cheaply: one statement for all of them."""

import sqlite3
from pathlib import Path

import pytest

from engine.storage.sqlite import SqliteStore, opening
from engine.storage.sqlite.connection import open_writer
from tests.contracts.jobs import LEASE_S, claim, done, new_job, now, submit
from tests.contracts.stores import Hand, sqlite

RUNNING = 1000
PERIODS = 3
FRAME = ("BEGIN", "COMMIT")


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """All that the writer is asked, but for the frames of its transactions."""
    asked: list[str] = []

    def traced(path: Path) -> sqlite3.Connection:
        connection = open_writer(path)
        connection.set_trace_callback(lambda text: None if text.startswith(FRAME) else asked.append(text))
        return connection

    monkeypatch.setattr(opening, "open_writer", traced)
    return asked


async def a_thousand_running(store: SqliteStore) -> None:
    await submit(store, *(new_job(number, host=f"host{number % 7}.test") for number in range(RUNNING)))


async def test_renewing_a_thousand_leases_is_one_statement_a_period(
    statements: list[str], tmp_path: Path, hand: Hand
) -> None:
    async with sqlite(tmp_path, hand) as store:
        await a_thousand_running(store)
        leases = await claim(store, RUNNING)
        statements.clear()
        for _ in range(PERIODS):
            hand.turn(LEASE_S / 3)
            assert await store.renew(leases, lease_s=LEASE_S) == []
        assert len(statements) == PERIODS
        assert {(await now(store, lease.job_id)).lease_until for lease in leases} == {hand.now() + LEASE_S}


async def test_which_lease_is_lost_is_asked_only_when_one_is(statements: list[str], tmp_path: Path, hand: Hand) -> None:
    async with sqlite(tmp_path, hand) as store:
        await a_thousand_running(store)
        leases = await claim(store, RUNNING)
        await store.settle([done(leases[5])])
        statements.clear()
        assert await store.renew(leases, lease_s=LEASE_S) == [leases[5]]
        assert len(statements) == 2
