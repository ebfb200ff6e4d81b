"""One load that any number of readers wait for."""

import asyncio

from engine.errors import EngineError

Loaded = tuple[bytes, float]
"""A value, and for how many seconds it holds since its load began."""
Landed = Loaded | EngineError | None
"""None: whoever flew was cancelled, or met an error of ours; those who waited see to it themselves."""


class Flight:
    """Who waits may be cancelled without the others noticing."""

    __slots__ = ("_waiting", "began", "is_cut")

    def __init__(self, *, began: float) -> None:
        self.began = began
        self.is_cut = False
        """What it brings may be stale: it is not to be kept."""
        self._waiting: list[asyncio.Future[Landed]] = []

    async def landing(self) -> Landed:
        place: asyncio.Future[Landed] = asyncio.get_running_loop().create_future()
        self._waiting.append(place)
        return await place

    def land(self, landed: Landed) -> None:
        """Tells those who wait now."""
        waiting, self._waiting = self._waiting, []
        for place in waiting:
            if not place.done():
                place.set_result(landed)
