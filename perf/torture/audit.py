"""The ledger against the database that is left: nothing lost, nothing settled twice, every body as the site has it."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from hashlib import sha256

import aiohttp
import orjson

from engine.errors import StoreDamagedError
from engine.jobs.job import Job
from engine.jobs.ports import JobStore
from engine.jobs.status import Status
from perf.torture.accounts import Accounts
from perf.torture.errands import Errand
from perf.torture.ground import Ground

SHOWN = 5


@dataclass(slots=True, kw_only=True)
class Verdict:
    """Job ids (or findings) by what is wrong with them; and how many jobs there are in all."""

    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    ends: Counter[str] = field(default_factory=Counter)
    total: int = 0

    def broken(self) -> list[str]:
        return [f"{len(ids)} {what}: {', '.join(ids[:SHOWN])}" for what, ids in self.wrong.items() if ids]


async def audited(ground: Ground, accounts: Accounts, site: str) -> Verdict:
    """Of a database whose processes have ended, and a site that still knows what it was asked."""
    verdict = Verdict()
    verdict.wrong["damaged"] = await ground.findings()
    verdict.wrong["changed"] = sorted(accounts.changed)
    try:
        async with ground.opened() as store:
            verdict.total = sum((await store.counts()).values())
            for job_id, errand in accounts.promised.items():
                await _judge(store, job_id, errand, verdict)
    except StoreDamagedError as error:
        verdict.wrong["damaged"].append(str(error))
    await _count_posts(site, accounts, verdict)
    return verdict


async def _judge(store: JobStore, job_id: str, errand: Errand, verdict: Verdict) -> None:
    job = await store.get(job_id)
    if job is None:
        verdict.wrong["lost"].append(job_id)
        return
    verdict.ends[str(job.error_type or job.status)] += 1
    if not job.status.is_final:
        verdict.wrong["stuck"].append(job_id)
    elif job.attempts > 1:
        verdict.wrong["doubled"].append(job_id)
    elif not _is_as_promised(job, errand):
        verdict.wrong["failed"].append(job_id)
    elif errand.sha256 is not None and await _digest(store, job_id) != errand.sha256:
        verdict.wrong["spoiled"].append(job_id)


def _is_as_promised(job: Job, errand: Errand) -> bool:
    """A page always comes; what must not be sent again may be lost instead."""
    if errand.method == "GET":
        return job.status is Status.COMPLETED
    return job.status is Status.COMPLETED or job.error_type == "connection_lost"


async def _digest(store: JobStore, job_id: str) -> str:
    found = sha256()
    async for piece in store.body(job_id):
        found.update(piece)
    return found.hexdigest()


async def _count_posts(site: str, accounts: Accounts, verdict: Verdict) -> None:
    async with aiohttp.ClientSession() as session:
        for job_id, errand in accounts.promised.items():
            if errand.method == "POST":
                async with session.get(f"{site}{errand.path}?peek=1") as answer:
                    if orjson.loads(await answer.read())["count"] > 1:
                        verdict.wrong["sent twice"].append(job_id)
