"""The load of a soak: pages of all sizes, bombs among them, and submits without end. Seeded."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from random import Random
from typing import Any

import aiohttp

BULK = 200
AHEAD = 1_000
"""Jobs due that are kept in the queue, so that fetches never wait for one."""
LOOK_EVERY_S = 0.1
USUAL_CAP_BYTES = 10 * 1024 * 1024
GIANT_BYTES = 200_000_000
REFUSED = (429, 503)
"""An honest answer of who has no room; it says when to come again."""
WITHIN = aiohttp.ClientTimeout(total=120)

# Parts in a thousand. Bombs and giants are rare, but there are always some in hand.
MIX: tuple[tuple[int, str, dict[str, Any]], ...] = (
    (300, "/page/{n}", {}),
    (60, "/page/{n}", {"extract_text": True, "extract_links": True}),
    (60, "/size/{kb}000", {}),
    (150, "/size/{mb}000000", {}),
    (350, "/size/{mb}000000?gzip=1", {"extract_text": True}),
    (20, "/binary/9000000", {}),
    (20, "/bomb/8", {}),
    (6, "/bomb/512", {}),
    (30, "/bomb/9", {"extract_text": True, "extract_links": True}),
    (3, "/slow/50?every_ms=100", {}),
    (1, f"/size/{GIANT_BYTES}", {"max_body_bytes": GIANT_BYTES}),
)


@dataclass(slots=True)
class Accounts:
    """What came of submits."""

    accepted: int = 0
    """Jobs that are due at once."""
    later: int = 0
    """Jobs for tomorrow, which only have to be kept."""
    refused: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    """Answers that are neither."""


class Storm:
    """Submits to one daemon; what comes of it stands in `accounts`."""

    def __init__(
        self, *, client: aiohttp.ClientSession, api: str, site: str, seed: int, bulk: int = BULK, ahead: int = AHEAD
    ) -> None:
        """Keeps `ahead` jobs due, and submits `bulk` at once."""
        self.accounts = Accounts()
        self._client = client
        self._api = f"{api}/api/v1"
        self._site = site
        self._bulk = bulk
        self._ahead = ahead
        self._random = Random(seed)
        self._numbers = count()

    async def small(self) -> None:
        """Keeps pages of 2 to 40 KB due, until cancelled."""
        await self.keep_due(lambda: self._job("/page/{n}", {}))

    async def mixed(self) -> None:
        """Keeps pages of all kinds due, until cancelled."""
        choices = [(path, config) for _, path, config in MIX]
        weights = [weight for weight, _, _ in MIX]
        await self.keep_due(lambda: self._job(*self._random.choices(choices, weights)[0]))

    async def flood(self) -> None:
        """Submits jobs for tomorrow as fast as they are taken, until cancelled."""
        while True:
            await self.queue_for_tomorrow(self._bulk)

    async def queue_for_tomorrow(self, jobs: int) -> bool:
        """False if they were refused, or it broke off."""
        tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
        urls = (f"http://h{n % 1000}.test/p/{n}" for n in self._numbers)
        taken = await self._submit([{"url": next(urls), "run_at": tomorrow} for _ in range(jobs)])
        self.accounts.later += jobs * taken
        return taken

    async def drained(self) -> None:
        """Returns once all that was due is settled."""
        while await self._due():  # noqa: ASYNC110 - of another process
            await asyncio.sleep(LOOK_EVERY_S)

    async def keep_due(self, job: Callable[[], dict[str, Any]]) -> None:
        """Keeps such jobs due, until cancelled."""
        while True:
            if await self._due() < self._ahead:
                taken = await self._submit([job() for _ in range(self._bulk)])
                self.accounts.accepted += self._bulk * taken
            else:
                await asyncio.sleep(LOOK_EVERY_S)

    async def _due(self) -> int:
        """A look that finds nobody shows a queue that is full."""
        try:
            async with self._client.get(f"{self._api}/jobs/queue/status", timeout=WITHIN) as answer:
                figures = await answer.json()
        except (aiohttp.ClientError, TimeoutError):
            return self._ahead
        return int(figures["due"] + figures["running_jobs"]) if answer.status == 200 else self._ahead

    async def _submit(self, jobs: list[dict[str, Any]]) -> bool:
        try:
            async with self._client.post(f"{self._api}/scrape/bulk", json={"jobs": jobs}, timeout=WITHIN) as answer:
                await answer.read()
        except (aiohttp.ClientError, TimeoutError) as error:
            self.accounts.errors[type(error).__name__] += 1
            return False
        if answer.status == 202:
            return True
        if answer.status in REFUSED:
            self.accounts.refused += 1
            await asyncio.sleep(float(answer.headers["Retry-After"]))
        else:
            self.accounts.errors[str(answer.status)] += 1
        return False

    def _job(self, path: str, config: dict[str, Any]) -> dict[str, Any]:
        filled = path.format(
            n=self._random.randrange(2000), kb=self._random.randint(1, 999), mb=self._random.randint(1, 9)
        )
        return {
            "url": f"{self._site}{filled}",
            "config": {"max_retries": 0, "max_body_bytes": USUAL_CAP_BYTES, **config},
        }
