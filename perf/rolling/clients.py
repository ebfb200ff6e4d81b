"""Who uses the fleet while it is restarted: submits, looks at jobs, reads results, lists, all the time."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from hashlib import sha256
from http import HTTPStatus
from itertools import count
from random import Random
from typing import Any

import aiohttp

from perf.origin.pages import page_body
from perf.torture.accounts import Accounts
from perf.torture.errands import PAGES, Errand, Errands

PAUSE_S = 0.2
"""Between two requests of a client, at most."""
BULK = (2, 12)
WAIT_S = 5
SLOW_MS = 3000
"""Of some pages, so that a fetch is in hand whenever a process is told to end."""
ANSWERS_WITHIN = aiohttp.ClientTimeout(total=40)
STOPPING = "stopping"


class Clients:
    """Each asks one thing after the other, and never a second time for what failed."""

    def __init__(self, *, url: str, site: str, seed: int, session: aiohttp.ClientSession) -> None:
        self.accounts = Accounts()
        self.requests: Counter[str] = Counter()
        self.refused: Counter[str] = Counter()
        """Told to come again later, for another reason than that the service stops."""
        self.failed: list[str] = []
        self._api = f"{url}/api/v1"
        self._site = site
        self._session = session
        self._seed = seed
        self._random = Random(seed)
        self._errands = Errands(seed=seed, random=self._random)
        self._keys = count()
        self._is_over = False

    async def run(self, number: int) -> None:
        """So many at once, until `stop`."""
        async with asyncio.TaskGroup() as group:
            for _ in range(number):
                group.create_task(self._one())

    def stop(self) -> None:
        self._is_over = True

    async def is_settled(self) -> bool:
        """Whether nothing is left to do, as the service tells it."""
        figures = await self._ask("queue", "GET", "/jobs/queue/status")
        return figures is not None and not figures["queue_size"] + figures["running_jobs"]

    async def _one(self) -> None:
        submits = (self._submit, self._submit, self._submit_twice, self._bulk, self._slow)
        acts = (
            *submits,
            self._status,
            self._status,
            self._wait,
            self._result,
            self._result,
            self._list,
            self.is_settled,
        )
        while not self._is_over:
            await self._random.choice(acts)()
            await asyncio.sleep(self._random.random() * PAUSE_S)

    async def _submit(self) -> None:
        await self._submitted("submit", self._errands.draw())

    async def _slow(self) -> None:
        n = self._random.randrange(PAGES)
        digest = sha256(page_body(self._seed, n)).hexdigest()
        await self._submitted("submit", Errand(path=f"/delay/{SLOW_MS}/page/{n}", sha256=digest))

    async def _submit_twice(self) -> None:
        """Under one key: most likely the second comes to another process."""
        errand, key = self._errands.draw(), f"rolling-{next(self._keys)}"
        first = await self._submitted("keyed submit", errand, key)
        again = await self._ask("keyed submit", "POST", "/scrape", json=errand.submit(self._site), key=key)
        if first is not None and again is not None and first != again["job_id"]:
            self.failed.append(f"{key} became {first} and {again['job_id']}")

    async def _bulk(self) -> None:
        errands = self._errands.draw_many(*BULK)
        self.accounts.asked(errands)
        body = {"jobs": [errand.submit(self._site) for errand in errands]}
        told = await self._ask("bulk", "POST", "/scrape/bulk", json=body)
        if told is not None:
            self.accounts.acknowledged(told["job_ids"], errands)

    async def _status(self) -> None:
        await self._look("status", "")

    async def _wait(self) -> None:
        await self._look("wait", f"?wait={WAIT_S}")

    async def _result(self) -> None:
        ended: Sequence[str] = self.accounts.seen_ended()
        if ended:
            await self._ask("result", "GET", f"/scrape/{self._random.choice(ended)}/result")

    async def _list(self) -> None:
        await self._ask("list", "GET", "/jobs?page_size=20")

    async def _look(self, what: str, query: str) -> None:
        job_id = self.accounts.any_job(self._random)
        job = job_id and await self._ask(what, "GET", f"/scrape/{job_id}{query}")
        if job:
            self.accounts.saw(job)

    async def _submitted(self, what: str, errand: Errand, key: str | None = None) -> str | None:
        """Its id, if it was acknowledged."""
        self.accounts.asked([errand])
        told = await self._ask(what, "POST", "/scrape", json=errand.submit(self._site), key=key)
        if told is None:
            return None
        self.accounts.acknowledged([told["job_id"]], [errand])
        return str(told["job_id"])

    async def _ask(
        self, what: str, method: str, path: str, *, json: dict[str, Any] | None = None, key: str | None = None
    ) -> Any | None:
        """The answer; None, and noted, where there is none that was asked for."""
        self.requests[what] += 1
        headers = {} if key is None else {"Idempotency-Key": key}
        try:
            async with self._session.request(method, self._api + path, json=json, headers=headers) as answer:
                told = await answer.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            self.failed.append(f"{what}: {type(error).__name__}")
            return None
        if answer.ok:
            return told
        if (
            answer.status == HTTPStatus.SERVICE_UNAVAILABLE
            and "Retry-After" in answer.headers
            and told["error"] != STOPPING
        ):
            self.refused[told["error"]] += 1
        else:
            self.failed.append(f"{what}: {answer.status} {told}")
        return None
