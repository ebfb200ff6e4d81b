"""A look into a daemon of its own, at work."""

import asyncio
import re
from pathlib import Path

import aiohttp

from tests.flow.daemons import Daemon, a_daemon

SESSIONS = re.compile(r"^active_profiling_sessions (\S+)$", re.MULTILINE)


async def come_to(daemon: Daemon, sessions: float) -> None:
    """Waits until so many are shown."""
    async with asyncio.timeout(5):
        while True:
            found = SESSIONS.search(await daemon.text_of("/metrics"))
            if found is not None and float(found[1]) == sessions:
                return


async def test_a_look_is_shown_while_it_lasts_and_a_second_one_of_any_kind_is_refused(tmp_path: Path) -> None:
    async with a_daemon(tmp_path) as daemon, aiohttp.ClientSession() as client:
        looking = asyncio.ensure_future(client.post(f"{daemon.url}/api/v1/admin/profile?seconds=300"))
        await come_to(daemon, 1)
        for path in ("/admin/profile", "/admin/profile?kind=tasks", "/admin/memory/snapshot"):
            status, answer = await daemon.ask("POST", path)
            assert (status, answer["error"]) == (409, "profile_under_way")
        looking.cancel()
        await come_to(daemon, 0)
        status, answer = await daemon.ask("POST", "/admin/profile?kind=tasks")
        assert status == 200
        assert "claimer" in [actor for group in answer["tasks"]["groups"] for actor in group["actors"]]
