"""The server's time: what leases and due times are measured by, and what this process knows of it between two looks."""

from collections.abc import Callable

from asyncpg import Connection, Record

NOW = "SELECT extract(epoch FROM clock_timestamp())::float8"

STEP_S = 1e-6


class ServerClock:
    """Epoch seconds. The wall clock of this machine may be wrong, and set, without harm."""

    def __init__(self, *, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._offset = 0.0
        self._turn = 0.0

    def now(self) -> float:
        """Carried on from the last look."""
        return self._monotonic() + self._offset

    def turn(self) -> float:
        """As now, but never the same twice in this process."""
        self._turn = max(self.now(), self._turn + STEP_S)
        return self._turn

    async def look(self, connection: "Connection[Record]") -> float:
        """The server's time is taken to be that of the middle between question and answer."""
        asked_at = self._monotonic()
        found: float = await connection.fetchval(NOW)
        self._offset = found - (asked_at + self._monotonic()) / 2
        return found
