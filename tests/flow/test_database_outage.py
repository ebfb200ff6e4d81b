"""PostgreSQL is killed under a daemon's load and comes back: so does the daemon, and it has lost nothing."""

import asyncio
import signal
from itertools import cycle
from pathlib import Path

import pytest

from engine.storage.migrate import migrate
from perf.origin.server import serving
from perf.servers.postgres import Postgres, a_postgres
from tests.conftest import eventually
from tests.flow.daemons import Daemon
from tests.flow.fleet import a_fleet

BACK_WITHIN_S = 5.0


def quits(server: Postgres) -> None:
    server.stop(signal.SIGQUIT)


WAYS = {"killed": Postgres.kill, "told to quit": quits}


PATHS = ("/page/1", "/delay/100/page/1", "/size/300000")
"""The last is kept in pieces while it arrives."""


class Load:
    """Submits without end; keeps what was acknowledged, and how else it was answered."""

    def __init__(self, daemon: Daemon, site: str) -> None:
        self.accepted: list[str] = []
        self.refused: set[tuple[int, str]] = set()
        self._daemon = daemon
        self._site = site
        self._paths = cycle(PATHS)

    async def run(self) -> None:
        while True:
            url = f"{self._site}{next(self._paths)}"
            status, answer = await self._daemon.ask("POST", "/scrape", json={"url": url})
            if status == 202:
                self.accepted.append(answer["job_id"])
            else:
                self.refused.add((status, answer["error"]))
            await asyncio.sleep(0.01)

    async def grows(self, by: int) -> None:
        enough = len(self.accepted) + by
        await eventually(lambda: len(self.accepted) >= enough, within_s=20.0)


@pytest.mark.timeout(90)
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("role", ["all", "fleet"])
async def test_it_is_back_at_work_within_seconds_of_the_servers_return(tmp_path: Path, way: str, role: str) -> None:
    roles = ("all",) if role == "all" else ("api", "worker")
    with a_postgres() as server:
        await asyncio.to_thread(migrate, server.url)
        async with serving() as site, a_fleet(tmp_path, *roles, url=server.url) as daemons:
            load = Load(daemons[0], site)
            async with asyncio.TaskGroup() as group:
                users = [group.create_task(load.run()) for _ in range(8)]
                await load.grows(50)
                WAYS[way](server)
                await eventually(lambda: load.refused, within_s=20.0)
                server.start()
                async with asyncio.timeout(BACK_WITHIN_S):
                    await load.grows(1)
                    await _settled(daemons[0], load.accepted[-1])
                for user in users:
                    user.cancel()
            assert load.refused <= {(503, "store_unavailable"), (503, "no_answer_in_time")}
            assert await daemons[0].settles_all()
            ends = [await daemons[0].get(f"/scrape/{job_id}") for job_id in load.accepted]
            assert {end["status"] for end in ends} == {"completed"}
            for daemon in daemons:
                assert daemon.is_alive
                assert [event for event in daemon.events() if event["event"] == "actor.crashed"] == []


async def _settled(daemon: Daemon, job_id: str) -> None:
    while True:
        _, answer = await daemon.ask("GET", f"/scrape/{job_id}?wait=5")
        if answer.get("status") == "completed":
            return
        await asyncio.sleep(0.01)
