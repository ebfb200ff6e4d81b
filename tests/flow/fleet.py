"""Several daemons on one database of a real server, and a site that never answers."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

from aiohttp import web

from tests.contracts.stores import blank_server
from tests.flow.daemons import Daemon, a_daemon
from tests.servers.postgres import fresh_database


@asynccontextmanager
async def a_fleet(folder: Path, *roles: str, url: str = "", **told: str) -> AsyncIterator[Sequence[Daemon]]:
    """Each of a machine of its own, on `url` or a database of their own."""
    async with AsyncExitStack() as stack:
        url = url or await stack.enter_async_context(fresh_database(template=blank_server()))
        daemons = []
        for number, role in enumerate(roles):
            place = folder / f"{role}-{number}"
            place.mkdir()
            life = a_daemon(place, DATABASE_URL=url, ROLE=role, TMPDIR=str(place), **told)
            daemons.append(asyncio.ensure_future(stack.enter_async_context(life)))
        yield await asyncio.gather(*daemons)


class Hanging:
    """A site that answers nobody and knows who waits."""

    def __init__(self) -> None:
        self.url = ""
        self.asked = asyncio.Event()
        self.left = asyncio.Event()

    async def answer(self, _: web.Request) -> web.Response:
        self.asked.set()
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            self.left.set()
        raise web.HTTPGone


@asynccontextmanager
async def hanging() -> AsyncIterator[Hanging]:
    site, app = Hanging(), web.Application()
    app.router.add_get("/", site.answer)
    runner = web.AppRunner(app, handler_cancellation=True, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        site.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
        yield site
    finally:
        await runner.cleanup()
