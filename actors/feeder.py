"""Submits what a command was given to fetch, a piece of the list a commit."""

from collections.abc import Awaitable, Callable, Sequence

from engine.jobs.command import Submit
from engine.jobs.job import Job
from engine.runtime import Actor


class Feeder(Actor):
    """Ends when the list does. What the store has already is not submitted again: it has the same id in every run."""

    def __init__(
        self,
        *,
        read: Callable[[], Awaitable[Sequence[Job]]],
        submit: Callable[[Submit], Awaitable[object]],
        done: Callable[[], None],
    ) -> None:
        """`read` gives the next jobs, none at the end of the list."""
        self._read = read
        self._submit = submit
        self._done = done

    async def run(self) -> None:
        while jobs := await self._read():
            await self._submit(Submit(jobs=tuple(jobs)))
        self._done()
