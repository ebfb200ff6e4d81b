"""Asks for the service's health each second, and looks how late the tester itself is meanwhile."""

import asyncio
from collections import Counter
from collections.abc import Callable
from time import perf_counter

import aiohttp

from perf.percentile import percentile_ms

WINDOW_S = 1.0
THERE_WITHIN_S = 10.0
LOOK_EVERY_S = 0.05
OK = 200


class Windows:
    """Of one second each: asked at its beginning, answered within it or not."""

    def __init__(self, *, client: aiohttp.ClientSession, url: str, faults: Counter[str]) -> None:
        self.asked = 0
        self.answered = 0
        self._client = client
        self._url = f"{url}/health"
        self.faults = faults

    async def is_there(self) -> bool:
        """Of a service that is not, nothing can be measured; it has some seconds to answer."""
        if fault := await self._fault(perf_counter() + THERE_WITHIN_S):
            self.faults[f"health, at the start: {fault}"] += 1
        return not fault

    async def run(self) -> None:
        """Until it is cancelled. A second that the tester slept through is none of the service's."""
        at = perf_counter()
        while True:
            fault = await self._fault(at + WINDOW_S)
            self.asked += 1
            self.answered += not fault
            if fault:
                self.faults[f"health, each second: {fault}"] += 1
            at = max(at + WINDOW_S, perf_counter())
            await asyncio.sleep(at - perf_counter())

    async def _fault(self, ends_at: float) -> str:
        try:
            within = aiohttp.ClientTimeout(total=max(ends_at - perf_counter(), WINDOW_S / 2))
            async with self._client.get(self._url, timeout=within) as answer:
                await answer.read()
                return "" if answer.status == OK else f"status {answer.status}"
        except (aiohttp.ClientError, TimeoutError) as error:
            return f"no answer: {type(error).__name__}"


class Lateness:
    """How late the tester's own loop comes back to who sleeps: by so much it makes every answer seem later."""

    def __init__(self, *, clock: Callable[[], float] = perf_counter) -> None:
        self._late_s: list[float] = []
        self._clock = clock

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            began = self._clock()
            await asyncio.sleep(LOOK_EVERY_S)
            self._late_s.append(max(self._clock() - began - LOOK_EVERY_S, 0.0))

    @property
    def p95_ms(self) -> float | None:
        return percentile_ms(self._late_s, 95) if self._late_s else None
