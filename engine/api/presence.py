"""Whether who asked is still there, for an answer that takes long and is nothing to anybody else."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from aiohttp import web

from engine.runtime import Deadline

LOOK_EVERY_S = 0.25


def is_gone(request: web.Request) -> bool:
    return request.transport is None or request.transport.is_closing()


@contextmanager
def while_there(request: web.Request) -> Iterator[None]:
    """Raises Aborted at the first wait of the block after the client went away."""
    loop = asyncio.get_running_loop()
    next_look: asyncio.TimerHandle

    def look() -> None:
        nonlocal next_look
        if is_gone(request):
            wait.abort("the client went away")
        else:
            next_look = loop.call_later(LOOK_EVERY_S, look)

    with Deadline(None) as wait:
        next_look = loop.call_later(LOOK_EVERY_S, look)
        try:
            yield
        finally:
            next_look.cancel()
