"""Writes a line for each job that has come to its end, as it ends."""

from collections.abc import Awaitable, Callable
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
        render: Callable[[Result], Awaitable[bytes]],
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
                self._out.write(await self._render(found) + b"\n")
            if not self._inbox.depth:
                self._out.flush()
