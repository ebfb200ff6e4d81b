"""Runs the HTTP application on a socket that the system has bound, so that a restart refuses nobody.

Told to stop it takes no new connections, finishes the requests that are open, and ends.
"""

import asyncio
import socket
from collections.abc import Callable

from aiohttp import web

from engine.runtime import Actor

KEEPALIVE_S = 75.0


class Server(Actor):
    """A life of the listening side; `build` makes the application anew for each."""

    def __init__(
        self,
        *,
        build: Callable[[], web.Application],
        listening: socket.socket,
        shut: Callable[[], None],
        grace_s: float,
    ) -> None:
        """When told to stop it calls `shut`; open requests then have `grace_s` to be answered."""
        self._build = build
        self._listening = listening
        self._shut = shut
        self._grace_s = grace_s
        self._stopping = asyncio.Event()

    async def run(self) -> None:
        runner = web.AppRunner(
            self._build(), access_log=None, keepalive_timeout=KEEPALIVE_S, shutdown_timeout=self._grace_s
        )
        await runner.setup()
        try:
            await web.SockSite(runner, self._listening.dup(), backlog=BACKLOG).start()
            await self._stopping.wait()
            self._shut()
        finally:
            await runner.cleanup()

    def stop(self) -> None:
        self._stopping.set()


BACKLOG = 1024
"""Connections that wait to be accepted; more are refused by the kernel."""
