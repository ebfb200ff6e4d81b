"""What a torture goes on in, as a campaign and its audit see it: a file, or a database on a server."""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from random import Random
from typing import Protocol

from engine.jobs.ports import JobStore


class Ground(Protocol):
    """It outlives the daemons that work in it."""

    @property
    def url(self) -> str:
        """DATABASE_URL."""

    @property
    def log(self) -> Path:
        """The file that each commit writes to first, if it is there yet."""

    def torn(self) -> int:
        """How many deaths since the last look were in the middle of a transaction."""

    async def unsettled(self, *, suspects: bool) -> int:
        """Jobs that have not ended: suspects, which are put off, or all others."""

    async def findings(self) -> list[str]:
        """What is wrong with what is left, a sentence each."""

    def opened(self) -> AbstractAsyncContextManager[JobStore]:
        """What is left, once no daemon works in it."""

    async def killed_migrating(self, environment: Mapping[str, str], random: Random) -> tuple[bool, list[str]]:
        """Of a database of its own: was the schema not there yet when it died; and what was wrong after the next start.

        `environment` is what a daemon is told beside the database.
        """
