"""The daemon while its memory is short, and when it is at ease again."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from engine.memory.allocator import trimmer
from engine.memory.ladder import RUNGS
from perf.origin.server import serving
from tests.conftest import eventually
from tests.engine.memory.test_allocator import arenas
from tests.flow.daemons import Daemon, a_daemon

MEBIBYTE = 1024 * 1024
PIECE = b"to and fro " * 5_000
PAGE_BYTES, PAGES = 9_000_000, 8
"""Kept whole in memory while they arrive, for their text is wanted."""
WITHIN_S = 60.0


@pytest.fixture
def at_rest(tmp_path: Path) -> Path:
    folder = tmp_path / "at_rest"
    folder.mkdir()
    return folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Ballast:
    """A site whose pages are large, and end when they are let."""

    url: str
    let_end: Callable[[], None]


@asynccontextmanager
async def ballast() -> AsyncIterator[Ballast]:
    ends = asyncio.Event()

    async def heavy(request: web.Request) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": "text/plain"})
        await answer.prepare(request)
        for _ in range(PAGE_BYTES // len(PIECE)):
            await answer.write(PIECE)
        await ends.wait()
        return answer

    app = web.Application()
    app.router.add_get("/{n}", heavy)
    async with TestServer(app) as server:
        yield Ballast(url=str(server.make_url("/")), let_end=ends.set)
        ends.set()


async def stands_at(daemon: Daemon, level: int) -> None:
    async with asyncio.timeout(WITHIN_S):
        while True:
            if (await daemon.get("/system/memory"))["level"] == level:
                return
            await asyncio.sleep(0.1)


async def used_at_rest(folder: Path) -> int:
    """By a daemon that does nothing."""
    async with a_daemon(folder, MEMORY_LIMIT="100G") as daemon:
        used: int = (await daemon.get("/system/memory"))["used_bytes"]
        return used


async def metric(daemon: Daemon, line: str) -> float:
    text = await daemon.text_of("/metrics")
    return next(float(each.rpartition(" ")[2]) for each in text.splitlines() if each.startswith(f"{line} "))


@pytest.mark.skipif(trimmer() is None, reason="needs glibc")
async def test_all_its_threads_share_one_heap(tmp_path: Path) -> None:
    async with serving() as site, a_daemon(tmp_path) as daemon:
        await daemon.submit(f"{site}/page/1")
        assert await daemon.settles_all()
        await daemon.get("/jobs/stats")
        assert arenas(daemon.pid) == 0


@pytest.mark.timeout(120)
async def test_short_of_memory_it_refuses_submits_reads_on_and_says_why_and_at_ease_all_goes_on(
    tmp_path: Path, at_rest: Path
) -> None:
    used = await used_at_rest(at_rest)
    limit, high = 2 * used, (used + 45 * MEBIBYTE) / (2 * used)
    told = {"MEMORY_LIMIT": str(limit), "MEMORY_HIGH": str(high), "MEMORY_CRITICAL": str(high + 0.03)}
    async with serving() as site, ballast() as heavy, a_daemon(tmp_path, MEMORY_BUDGET="1G", **told) as daemon:
        wants_text = {"extract_text": True}
        for page in range(PAGES):
            first = await daemon.submit(f"{heavy.url}{page}", config=wants_text)
        await stands_at(daemon, 4)
        status, answer = await daemon.ask("POST", "/scrape", json={"url": f"{site}/page/2"})
        assert (status, answer["error"]) == (503, "overloaded")
        assert (await daemon.get(f"/scrape/{first}"))["job_id"] == first
        memory = await daemon.get("/system/memory")
        assert (memory["is_admitting"], memory["is_claiming"]) == (False, False)
        assert memory["limit"] == {"bytes": limit, "source": "setting", "where": "MEMORY_LIMIT", "caution": None}
        assert "new submits are refused" in memory["message"]
        assert await metric(daemon, "memory_level") == 4
        assert await metric(daemon, 'memory_actions_total{action="stop_admitting"}') == 1
        heavy.let_end()
        await stands_at(daemon, 0)
        second = await daemon.submit(f"{site}/page/2")
        assert await daemon.settles_all()
        for job_id in (first, second):
            assert (await daemon.get(f"/scrape/{job_id}"))["status"] == "completed"
        steps = [each for each in daemon.events() if each["event"].startswith("memory.step")]
        assert [each["step"] for each in steps if each["event"] == "memory.step"] == [*RUNGS[:4]]
        assert [each["step"] for each in steps if each["event"] == "memory.step_undone"] == [*reversed(RUNGS[:4])]
        assert all(each["used_mib"] and each["limit_mib"] == limit // MEBIBYTE for each in steps)
        told_of = (await daemon.get("/system/memory"))["actions"]
        assert [each["action"] for each in told_of if each["is_undone"]] == [*reversed(RUNGS[:4])]


async def test_where_no_limit_is_found_it_says_that_the_machine_s_is_taken(tmp_path: Path) -> None:
    async with a_daemon(tmp_path) as daemon:
        limit = (await daemon.get("/system/memory"))["limit"]
        if limit["source"] != "machine":
            pytest.skip("needs a machine without a limit")
        (event,) = [each for each in daemon.events() if each["event"] == "memory.limit_in_doubt"]
        assert event["why"] == limit["caution"]
        assert "MEMORY_LIMIT" in event["why"]


@pytest.mark.slow
@pytest.mark.timeout(120)
async def test_where_nothing_helps_it_ends_in_order_for_another_to_follow(tmp_path: Path) -> None:
    async with a_daemon(tmp_path, MEMORY_LIMIT="32M", MEMORY_RESTART="exit") as daemon:
        await stands_at(daemon, 4)
        await eventually(lambda: not daemon.is_alive, within_s=WITHIN_S)
        assert await daemon.ended() == 75
        assert daemon.has_told("stopped")
    assert len((tmp_path / "daemon.db.restarts").read_text().split()) == 1


@pytest.mark.slow
@pytest.mark.timeout(180)
async def test_where_nothing_helps_it_starts_again_in_place_and_nobody_is_refused(tmp_path: Path) -> None:
    async with a_daemon(tmp_path, MEMORY_LIMIT="32M") as daemon:
        pid, answers = daemon.pid, set()
        async with asyncio.timeout(2 * WITHIN_S):
            while sum(each["event"] == "listening" for each in daemon.events()) < 2:
                answers.add(await daemon.status_of("/api/v1/health/live"))
        assert answers == {200}
        assert (daemon.is_alive, daemon.pid) == (True, pid)
        assert daemon.has_told("stopped")
        assert await daemon.status_of("/api/v1/health/live") == 200
