"""Serves the site, inside a test or as a process of its own.

Its URL is known once it listens; leaving ends every request, the hanging ones too.
"""

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import uvloop
from aiohttp import web
from yarl import URL

from perf.origin.site import build_app

# A request that hangs on purpose would otherwise hold the end up.
SHUTDOWN_S = 0.2


@asynccontextmanager
async def serving(
    *, host: str = "127.0.0.1", port: int = 0, seed: int = 0, also: Sequence[str] = ()
) -> AsyncIterator[str]:
    """The site's URL without a slash at its end; port 0 takes a free one. `also` are more hosts, on the same port."""
    runner = web.AppRunner(build_app(seed), handler_cancellation=True, access_log=None, shutdown_timeout=SHUTDOWN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, host, port).start()
        bound = runner.addresses[0][1]
        for other in also:
            await web.TCPSite(runner, other, bound).start()
        yield str(URL.build(scheme="http", host=host, port=bound)).rstrip("/")
    finally:
        await runner.cleanup()


def loopbacks(number: int) -> Sequence[str]:
    """So many hosts more on this machine: to who counts hosts, each is another."""
    return [f"127.0.0.{last}" for last in range(2, number + 2)]


def serve(*, host: str, port: int, seed: int, also: Sequence[str] = ()) -> None:
    """Print the URL, then serve until SIGINT or SIGTERM."""
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_until_told(host=host, port=port, seed=seed, also=also))


async def _until_told(*, host: str, port: int, seed: int, also: Sequence[str]) -> None:
    told = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, told.set)
    async with serving(host=host, port=port, seed=seed, also=also) as url:
        print(url, flush=True)
        await told.wait()
