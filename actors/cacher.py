"""Reads anew the answers about jobs that are just over and that somebody asked for before, so that he finds them kept.

Whoever names them never waits for it: what it has no room for is read when it is asked for.
"""

from collections.abc import Awaitable, Callable

from engine.errors import EngineError
from engine.runtime import Actor, Mailbox


class Cacher(Actor):
    """At a drain what is left is not read: nobody will ask for it."""

    def __init__(self, *, inbox: Mailbox[str], read: Callable[[str], Awaitable[object]]) -> None:
        """`read` keeps what it reads."""
        self._inbox = inbox
        self._read = read

    async def run(self) -> None:
        async for job_id in self._inbox:
            try:
                await self._read(job_id)
            except EngineError:  # whoever asks next is told
                continue
