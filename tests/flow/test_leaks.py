"""Memory that leaks, in a daemon of its own."""

import asyncio
from pathlib import Path
from typing import Any

from perf.origin.server import serving
from tests.flow import leaky
from tests.flow.daemons import Daemon, a_daemon

SNAPSHOT = "/admin/memory/snapshot"


async def grown(daemon: Daemon, seconds: int) -> list[dict[str, Any]]:
    status, answer = await daemon.ask("POST", f"{SNAPSHOT}?seconds={seconds}")
    assert status == 200, answer
    lines: list[dict[str, Any]] = answer["grown"]
    return lines


async def fetch_on(daemon: Daemon, site: str) -> None:
    while True:
        await daemon.submit(f"{site}/page/1")
        await asyncio.sleep(0.01)


async def test_a_planted_leak_is_found_by_its_file_and_line(tmp_path: Path) -> None:
    async with serving() as site, a_daemon(tmp_path, module="tests.flow.leaky") as daemon, asyncio.TaskGroup() as group:
        fetching = group.create_task(fetch_on(daemon, site))
        first, *_ = await grown(daemon, 4)
        fetching.cancel()
    assert (Path(first["file"]), first["line"]) == (Path(leaky.__file__), leaky.LINE)
    assert first["size_bytes"] >= first["count"] * leaky.LEAKED_BYTES > 0


async def test_a_second_snapshot_is_refused_while_one_is_taken_and_not_after(tmp_path: Path) -> None:
    async with a_daemon(tmp_path) as daemon:
        asked = await asyncio.gather(*(daemon.ask("POST", f"{SNAPSHOT}?seconds=1") for _ in range(3)))
        assert sorted(status for status, _ in asked) == [200, 409, 409]
        assert (await daemon.ask("POST", f"{SNAPSHOT}?seconds=1"))[0] == 200


async def test_who_asks_for_another_is_refused(tmp_path: Path) -> None:
    async with a_daemon(tmp_path) as daemon:
        assert (await daemon.ask("POST", SNAPSHOT, headers={"X-Forwarded-For": "127.0.0.1"}))[0] == 403
