"""What is held back while something is short: who takes in asks before it does, and who claims waits until it is eased.

Where nothing is short, asking costs an attribute and waiting no turn of the loop.
"""

import asyncio


class Pressure:
    """Set by one who watches; it outlives them all. Nothing is short at first."""

    __slots__ = ("_admitted", "_eased", "part")

    def __init__(self) -> None:
        self._admitted = _Door()
        self._eased = _Door()
        self.part = 1.0
        """How much of what may be under way at once is to be."""

    @property
    def is_admitting(self) -> bool:
        return self._admitted.is_open

    @property
    def is_claiming(self) -> bool:
        return self._eased.is_open

    def stop_admitting(self) -> None:
        self._admitted.is_open = False

    def admit(self) -> None:
        self._admitted.open()

    def pause(self) -> None:
        self._eased.is_open = False

    def ease(self) -> None:
        self._eased.open()

    async def admitted(self) -> None:
        """Wait until more may come in."""
        if not self._admitted.is_open:
            await self._admitted.opened()

    async def eased(self) -> None:
        """Wait until more may be claimed."""
        if not self._eased.is_open:
            await self._eased.opened()


class _Door:
    __slots__ = ("_waiting", "is_open")

    def __init__(self) -> None:
        self.is_open = True
        self._waiting: list[asyncio.Future[None]] = []

    def open(self) -> None:
        self.is_open = True
        waiting, self._waiting = self._waiting, []
        for turn in waiting:
            if not turn.done():
                turn.set_result(None)

    async def opened(self) -> None:
        """It may be shut again before who waits has its turn: then it waits on."""
        while not self.is_open:
            turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await turn
            finally:
                if turn in self._waiting:
                    self._waiting.remove(turn)
