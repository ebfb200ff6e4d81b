"""The load under which a daemon is killed: submits, single and many at once, and looks at jobs, until it is gone."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from random import Random
from typing import Any

import aiohttp

from perf.torture.accounts import Accounts
from perf.torture.errands import Errand, Errands

SINGLES = 4
PAUSE_S = 0.04
BULK = (5, 40)
BURST = (200, 300)
ANSWERS_WITHIN = aiohttp.ClientTimeout(total=30)


class TrafficError(Exception):
    """An answer that should not have been."""


class Traffic:
    """At one daemon, from its readiness to its death."""

    def __init__(self, *, url: str, site: str, errands: Errands, accounts: Accounts, random: Random) -> None:
        self._api = f"{url}/api/v1"
        self._site = site
        self._errands = errands
        self._accounts = accounts
        self._random = random

    async def run(self) -> None:
        """Ends when nobody answers any more."""
        acts = [*[self._one] * SINGLES, self._many, self._look]
        async with aiohttp.ClientSession(timeout=ANSWERS_WITHIN) as session, asyncio.TaskGroup() as group:
            for act in acts:
                group.create_task(self._while_answered(act, session))

    async def burst(self) -> None:
        """Much at once: a commit that takes a while."""
        async with aiohttp.ClientSession(timeout=ANSWERS_WITHIN) as session:
            with suppress(aiohttp.ClientError, TimeoutError):
                await self._bulk(session, self._errands.draw_many(*BURST))

    async def _while_answered(
        self, act: Callable[[aiohttp.ClientSession], Awaitable[None]], session: aiohttp.ClientSession
    ) -> None:
        with suppress(aiohttp.ClientError, TimeoutError):
            while True:
                await act(session)
                await asyncio.sleep(self._random.random() * PAUSE_S)

    async def _one(self, session: aiohttp.ClientSession) -> None:
        errand = self._errands.draw()
        self._accounts.asked([errand])
        told = await _accepted(session, f"{self._api}/scrape", errand.submit(self._site))
        self._accounts.acknowledged([told["job_id"]], [errand])

    async def _many(self, session: aiohttp.ClientSession) -> None:
        await self._bulk(session, self._errands.draw_many(*BULK))

    async def _bulk(self, session: aiohttp.ClientSession, errands: Sequence[Errand]) -> None:
        self._accounts.asked(errands)
        body = {"jobs": [errand.submit(self._site) for errand in errands]}
        told = await _accepted(session, f"{self._api}/scrape/bulk", body)
        self._accounts.acknowledged(told["job_ids"], errands)

    async def _look(self, session: aiohttp.ClientSession) -> None:
        job_id = self._accounts.any_job(self._random)
        if job_id is not None:
            await look(session, self._api, job_id, self._accounts)


async def look(session: aiohttp.ClientSession, api: str, job_id: str, accounts: Accounts) -> None:
    """At one job that was acknowledged."""
    async with session.get(f"{api}/scrape/{job_id}") as answer:
        job = await answer.json()
        if answer.status == 404:
            return  # it is lost, and the audit will say so
        if answer.status != 200:
            raise TrafficError(f"{answer.status} for a look at {job_id}: {job}")
    accounts.saw(job)


async def _accepted(session: aiohttp.ClientSession, url: str, body: dict[str, Any]) -> Any:
    async with session.post(url, json=body) as answer:
        told = await answer.json()
        if answer.status != 202:
            raise TrafficError(f"{answer.status} for a submit: {told}")
    return told
