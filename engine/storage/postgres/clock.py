"""The server's time: what leases and due times are measured by, and what this process knows of it between two looks."""

from collections.abc import Callable
from math import inf

from asyncpg import Connection, Record

NOW = "SELECT extract(epoch FROM clock_timestamp())::float8"

TRUSTED_S = 10.0
"""How long a look is carried on: a machine may sleep meanwhile, and who only takes commands looks at nothing else."""


class ServerClock:
    """Epoch seconds. The wall clock of this machine may be wrong, and set, without harm."""

    def __init__(self, *, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._offset = 0.0
        self._heard_at = -inf

    def now(self) -> float:
        """Carried on from the last look."""
        return self._monotonic() + self._offset

    async def look(self, connection: "Connection[Record]") -> float:
        asked_at = self._monotonic()
        return self.heard(await connection.fetchval(NOW), asked_at, self._monotonic())

    def heard(self, found: float, asked_at: float, answered_at: float) -> float:
        """The server's time is taken to be that of the middle between question and answer, both by our own clock."""
        self._offset = found - (asked_at + answered_at) / 2
        self._heard_at = answered_at
        return found

    @property
    def is_old(self) -> bool:
        """Should the server be asked again before something is written by it?"""
        return self._monotonic() - self._heard_at > TRUSTED_S

    @property
    def monotonic(self) -> Callable[[], float]:
        """By which questions and answers are timed."""
        return self._monotonic
