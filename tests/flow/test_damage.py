"""A file that is damaged while the daemon works in it: written to no more, told to everybody, read where that works."""

import signal
import sqlite3
from contextlib import closing
from pathlib import Path

from tests.conftest import eventually
from tests.flow.daemons import a_daemon, database, findings

LATER = {"run_at": "2200-01-01T00:00:00Z"}
PAGE_BYTES = 8192


async def test_damage_stops_the_writer_and_nothing_else(tmp_path: Path) -> None:
    async with a_daemon(tmp_path) as daemon:
        for number in range(3):
            await daemon.submit(f"http://site.test/{number}", **LATER)
        daemon.tell(signal.SIGTERM)
        assert await daemon.ended() == 0
    async with a_daemon(tmp_path) as daemon:
        scribble_over(database(tmp_path), "jobs")
        status, answer = await daemon.ask("POST", "/scrape", json={"url": "http://site.test/", **LATER})
        assert (status, answer["error"]) == (503, "store_damaged")
        assert "daemon.db is damaged" in answer["message"]
        assert "cfscraper check" in answer["message"]
        damaged = database(tmp_path).read_bytes()
        await eventually(lambda: daemon.has_told("store.damaged"), within_s=20)
        assert (await daemon.ask("GET", "/health/ready"))[1]["reason"] == answer["message"]
        assert (await daemon.get("/jobs/queue/status"))["delayed"] == 3
        assert await daemon.get("/health/live")
        assert not [event for event in daemon.events() if event["event"] == "actor.crashed"]
        daemon.tell(signal.SIGTERM)
        assert await daemon.ended() == 0
    assert database(tmp_path).read_bytes() == damaged
    assert findings(tmp_path)


def scribble_over(path: Path, table: str) -> None:
    """The first page of a table, which no start of a process reads."""
    with closing(sqlite3.connect(path)) as connection:
        ((root,),) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = ?", (table,)).fetchall()
    with path.open("r+b") as file:
        file.seek((root - 1) * PAGE_BYTES)
        file.write(b"\xff" * PAGE_BYTES)
