"""Commits to a shelf what comes through a mailbox, as a persister does; slow if told to be."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from engine.errors import EngineError
from engine.jobs.command import Command
from engine.jobs.ports import Answer
from engine.runtime import Ask, Mailbox, Window
from tests.engine.api.shelf import Shelf


class Clerk:
    """Serves while `may_go` is set."""

    def __init__(self, shelf: Shelf) -> None:
        self.mailbox: Mailbox[Ask[Command, Answer]] = Mailbox("commands", capacity=10_000)
        self.may_go = asyncio.Event()
        self.may_go.set()
        self.deepest = 0
        """Commands that waited at once, at the most."""
        self._shelf = shelf

    def window(self, width: int) -> Window[Command, Answer]:
        return Window(self.mailbox, width=width, timeout_s=5.0)

    async def run(self) -> None:
        async for ask in self.mailbox:
            await self.may_go.wait()
            self.deepest = max(self.deepest, self.mailbox.depth + 1)
            await self._serve(ask)

    async def _serve(self, ask: Ask[Command, Answer]) -> None:
        if ask.is_abandoned:
            return
        try:
            ask.answer(await self._shelf.commit(ask.request))
        except EngineError as error:
            ask.fail(error)


@asynccontextmanager
async def at_work(shelf: Shelf) -> AsyncIterator[Clerk]:
    clerk = Clerk(shelf)
    async with asyncio.TaskGroup() as tasks:
        tasks.create_task(clerk.run())
        yield clerk
        clerk.may_go.set()
        clerk.mailbox.close()
