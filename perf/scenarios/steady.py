"""Asks for URLs in turn at a fixed rate, whether or not what was asked before is answered."""

import asyncio
from asyncio import TaskGroup
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from time import perf_counter

import aiohttp

WITHIN_S = 5.0
"""Later than that is no answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One request; times are perf_counter's."""

    began: float
    taken_s: float
    fault: str
    """What was wrong with the answer; empty if nothing was."""


class Steady:
    """From `run` until `stop`, each answer is held against the one that is expected; so many times at most."""

    def __init__(
        self, *, session: aiohttp.ClientSession, expected: Mapping[str, bytes], rate: float, most: int
    ) -> None:
        self.asked: list[Asked] = []
        self._session = session
        self._expected = expected
        self._urls = tuple(expected)
        self._rate = rate
        self._most = most
        self._is_over = False

    async def run(self) -> None:
        began = perf_counter()
        async with TaskGroup() as group:
            for number in count():
                if self._is_over or number >= self._most:
                    return
                await asyncio.sleep(began + number / self._rate - perf_counter())
                group.create_task(self._ask(self._urls[number % len(self._urls)]))

    def stop(self) -> None:
        self._is_over = True

    async def _ask(self, url: str) -> None:
        began = perf_counter()
        try:
            async with asyncio.timeout(WITHIN_S), self._session.get(url) as answer:
                fault = _fault(answer.status, await answer.read(), self._expected[url])
        except (aiohttp.ClientError, TimeoutError) as error:
            fault = type(error).__name__
        self.asked.append(Asked(began=began, taken_s=perf_counter() - began, fault=fault))


def _fault(status: int, found: bytes, expected: bytes) -> str:
    if status != 200:
        return f"status {status}"
    return "" if found == expected else "another answer"
