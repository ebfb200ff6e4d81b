"""Who submits, and afterwards asks what became of it: every acknowledged job by its id.

A submit that was not acknowledged is no promise; it is sent again until it is.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from itertools import count
from time import perf_counter
from typing import Any

import aiohttp

from perf.autoscale.record import Account

BULK = 1000
PAGE = 100
ANSWERS_WITHIN = aiohttp.ClientTimeout(total=60)
PAUSE_S = 0.5


class Client:
    """Of one service. Jobs are about a site that answers late and counts, or about any page of one that does not."""

    def __init__(self, *, api: str, site: str, late_ms: int, http: aiohttp.ClientSession) -> None:
        self._api = f"{api}/api/v1"
        self._site = site
        self._late_ms = late_ms
        self._http = http
        self._keys = count()
        self.acknowledged: dict[str, float] = {}
        """When, by id; of what was cancelled since, nothing is expected."""
        self.singles: set[str] = set()
        self.submit_ms = 0.0

    async def many(self, jobs: int, *, parallel_limit: int | None = None) -> list[str]:
        """At once: the ids of their batches."""
        batches = []
        for first in range(0, jobs, BULK):
            limit = {} if parallel_limit is None else {"parallel_limit": parallel_limit}
            body = {"jobs": [self._job() for _ in range(min(BULK, jobs - first))], **limit}
            told = await self._accepted("/scrape/bulk", body)
            self.acknowledged |= dict.fromkeys(told["job_ids"], perf_counter())
            batches.append(told["batch_id"])
        return batches

    async def one(self) -> None:
        began = perf_counter()
        told = await self._accepted("/scrape", self._job())
        self.submit_ms = 1000 * (perf_counter() - began)
        self.acknowledged[told["job_id"]] = perf_counter()
        self.singles.add(told["job_id"])

    async def cancel(self, batch: str) -> None:
        """Its jobs are no promise any more."""
        async with self._http.delete(f"{self._api}/batches/{batch}") as answer:
            answer.raise_for_status()
        async for job in self._jobs(batch_id=batch):
            if job["status"] == "cancelled":
                self.acknowledged.pop(job["job_id"], None)

    async def queue(self) -> tuple[int, int]:
        """How many wait, and how many run."""
        told = await self._told("/jobs/queue/status")
        return told["queue_size"], told["running_jobs"]

    async def account(self) -> Account:
        every = [job async for job in self._jobs()]
        jobs = {job["job_id"]: job for job in every if job["job_id"] in self.acknowledged}
        ends = [job["status"] for job in jobs.values()]
        stats = await self._told("/jobs/stats?days=2")
        return Account(
            acknowledged=len(self.acknowledged),
            lost=len(self.acknowledged) - len(jobs),
            open=ends.count("queued") + ends.count("running"),
            failed=ends.count("failed") + ends.count("cancelled"),
            completed=ends.count("completed"),
            listed=sum(job["status"] == "completed" for job in every),
            counted=stats["status_breakdown"]["completed"],
            site_missed=None,
            site_again=None,
            waits=sorted(_wait(job) for job in jobs.values() if job["job_id"] in self.singles and job["completed_at"]),
        )

    def _job(self) -> dict[str, Any]:
        key = next(self._keys)
        path = f"/delay/{self._late_ms}/count/{key}" if self._late_ms else ""
        return {"url": f"{self._site}{path}", "config": {"cache": "bypass"}}

    async def _accepted(self, path: str, body: dict[str, Any]) -> Any:
        """However often it is refused: who is told to come again does."""
        while True:
            async with self._http.post(f"{self._api}{path}", json=body) as answer:
                if answer.status == 202:
                    return await answer.json()
                if answer.status not in {429, 503}:
                    answer.raise_for_status()
                await asyncio.sleep(float(answer.headers.get("Retry-After", PAUSE_S)))

    async def _jobs(self, **filters: str) -> AsyncIterator[dict[str, Any]]:
        cursor: dict[str, str] | None = {}
        while cursor is not None:
            told = await self._told("/jobs", page_size=str(PAGE), **filters, **cursor)
            for job in told["jobs"]:
                yield job
            cursor = {"cursor": told["next_cursor"]} if told["next_cursor"] else None

    async def _told(self, path: str, **query: str) -> Any:
        async with self._http.get(f"{self._api}{path}", params=query) as answer:
            answer.raise_for_status()
            return await answer.json()


@asynccontextmanager
async def client(*, api: str, site: str, late_ms: int, headers: dict[str, str] | None = None) -> AsyncIterator[Client]:
    async with aiohttp.ClientSession(timeout=ANSWERS_WITHIN, headers=headers) as http:
        yield Client(api=api, site=site, late_ms=late_ms, http=http)


def _wait(job: dict[str, Any]) -> tuple[float, float]:
    ended, began = (datetime.fromisoformat(job[name]) for name in ("completed_at", "created_at"))
    return ended.timestamp(), (ended - began).total_seconds()
