"""Asks one after the other, and keeps a tally of each kind of call."""

from collections import defaultdict
from time import perf_counter
from typing import Any

import aiohttp
import orjson

from perf.load.verdicts import fault, is_refused
from perf.validate.callers import WITHIN, Book, Tally

QUEUE = {"running_jobs", "max_concurrent_jobs", "due"}


class Asker:
    """Of one service; what failed is in the book."""

    def __init__(self, *, client: aiohttp.ClientSession, url: str, book: Book) -> None:
        self.tallies: defaultdict[str, Tally] = defaultdict(Tally)
        self._client = client
        self._api = f"{url}/api/v1"
        self._book = book

    async def queue(self) -> dict[str, Any] | None:
        """How many jobs wait and run; None where it does not tell."""
        queue = await self.ask("queue", "GET", "/jobs/queue/status", 200)
        return queue if queue is not None and queue.keys() >= QUEUE else None

    async def ask(self, kind: str, method: str, path: str, expected: int, body: object = None) -> dict[str, Any] | None:
        """What it answered, empty for what is no JSON object; None when it failed or was refused."""
        tally, began = self.tallies[kind], perf_counter()
        try:
            async with self._client.request(method, self._api + path, json=body, timeout=WITHIN) as answer:
                told = await answer.read()
                if is_refused(answer.status, answer.headers.get("Retry-After")):
                    tally.refused += 1
                    return None
                found = fault(answer.status, expected=expected)
        except (aiohttp.ClientError, TimeoutError) as error:
            told, found = b"", fault(0, expected=expected, error=error)
        tally.taken_s.append(perf_counter() - began)
        if found:
            tally.failures += 1
            self._book.faults[f"{kind}: {found}"] += 1
            return None
        return _dict_of(told)


def _dict_of(told: bytes) -> dict[str, Any]:
    try:
        answered = orjson.loads(told)
    except orjson.JSONDecodeError:
        return {}
    return answered if isinstance(answered, dict) else {}
