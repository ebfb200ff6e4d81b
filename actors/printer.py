"""Writes a line for each job that has come to its end, as it ends."""

from collections.abc import AsyncGenerator, Callable
from contextlib import aclosing
from typing import BinaryIO

from engine.jobs.ports import JobStore
from engine.jobs.query import Result
from engine.runtime import Actor, Mailbox


class Printer(Actor):
    """Reads each job back, so that a line tells of what is on the disk. Ends when its inbox does."""

    def __init__(
        self,
        *,
        inbox: Mailbox[str],
        store: JobStore,
        render: Callable[[Result], AsyncGenerator[bytes, None]],
        out: BinaryIO,
    ) -> None:
        self._inbox = inbox
        self._store = store
        self._render = render
        self._out = out

    async def run(self) -> None:
        async for job_id in self._inbox:
            found = await self._store.result(job_id)
            if found is not None:
                await print_line(self._out, self._render(found))
            if not self._inbox.depth:
                self._out.flush()


async def print_line(out: BinaryIO, pieces: AsyncGenerator[bytes, None]) -> None:
    """One that breaks off ends where it does: the next one is whole."""
    async with aclosing(pieces):
        first = await anext(pieces)
        try:
            out.write(first)
            async for piece in pieces:
                out.write(piece)
        finally:
            out.write(b"\n")
