"""As many at once as there are connections; the others wait."""

import asyncio
from types import TracebackType


class Gate:
    """Waits in the order of coming; who waits does so within a deadline of its own."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._free = asyncio.Semaphore(width)
        self._inside = 0

    @property
    def available(self) -> int:
        return self.width - self._inside

    async def __aenter__(self) -> None:
        await self._free.acquire()
        self._inside += 1

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._inside -= 1
        self._free.release()
