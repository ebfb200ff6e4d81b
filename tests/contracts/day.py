"""All that is ever asked of a store, in some order: for who looks at how it does it."""

from typing import Any

from engine.jobs.backlog import Worker
from engine.jobs.command import (
    BeginAlone,
    Cancel,
    CancelBatch,
    CancelMany,
    ClearQueue,
    DeleteMany,
    KeepChunk,
    Redrive,
    Submit,
)
from engine.jobs.job import Batch
from engine.jobs.once import KEPT_S, Once
from engine.jobs.outcome import Chunks
from engine.jobs.ports import JobStore
from engine.jobs.query import JobQuery
from engine.jobs.stats import day_of
from engine.jobs.status import Status
from tests.contracts.jobs import LEASE_S, body_of, claim, done, failed, new_job, page_with, put_off
from tests.contracts.stores import START, Hand

IN_ORDER_OF_CREATION: list[dict[str, Any]] = [
    {},
    {"offset": 40},
    {"after": (START, "job_0001")},
    {"after": (START, "job_0001"), "descending": False},
    {"statuses": (Status.QUEUED,)},
    {"statuses": (Status.QUEUED, Status.FAILED)},
    {"scraper_types": ("http",)},
    {"host": "site.test", "statuses": (Status.QUEUED,)},
    {"batch_id": "batch_1"},
    {"batch_id": "batch_1", "host": "site.test", "scraper_types": ("http",)},
    {"tags": ("red",)},
    {"tags": ("red", "blue"), "batch_id": "batch_1", "after": (START, "job_0001")},
    {"date_from": START, "date_to": START + 9},
    {"url_contains": "x"},
]


async def a_day(store: JobStore, hand: Hand) -> None:
    jobs = [new_job(number, tags=("red",), batch_id="batch_1", method="POST") for number in range(8)]
    await store.commit([Submit(jobs=tuple(jobs), batch=Batch(id="batch_1", total=8, created_at=START))])
    await store.commit([Submit(jobs=(jobs[0], new_job(8, due_at=START + 1))), Cancel(job_id="job_0007")])
    leases = await claim(store, 5)
    await store.commit([KeepChunk(job_id=lease.job_id, fence=1, seq=0, data=b"x") for lease in leases])
    large = page_with(b"", chunks=Chunks(count=1, sha256="5f"))
    await store.settle([done(leases[0]), done(leases[1], large), failed(leases[2]), put_off(leases[3], START)])
    await store.renew(leases, lease_s=LEASE_S)
    await store.give_back(leases[:2], lost=True)
    await store.give_back(leases[4:])
    await claim(store, 2)
    await store.release("me")
    (first, *_) = await claim(store, 2)
    await store.commit([BeginAlone(job_id=first.job_id, fence=first.fence)])
    hand.turn(LEASE_S)
    await store.rescue(10)
    await store.promote(10)
    await store.tidy(10)
    await store.commit([Redrive(job_ids=(leases[1].job_id, leases[2].job_id))])
    await store.commit([Submit(jobs=(new_job(9),), once=Once(key=key, digest="d", answer="{}")) for key in "aab"])
    hand.turn(KEPT_S)
    await store.tidy(10)
    await store.queue()
    await store.backlog(Worker(owner="me", slots=2, per_second=0.5, per_slot=0.5))
    await store.counts()
    await store.stats(day_of(START) - 7, day_of(START))
    for job_id in ("job_0008", "job_0000", "job_0004"):
        await store.explain(job_id)
    for lease in leases[:2]:
        await store.get(lease.job_id)
        await store.result(lease.job_id)
        await body_of(store, lease.job_id)
    for asked in IN_ORDER_OF_CREATION:
        await store.find(JobQuery(**asked))
    await _a_day_of_batches(store)


async def _a_day_of_batches(store: JobStore) -> None:
    batch = Batch(id="batch_2", total=6, created_at=START, parallel_limit=3, stop_on_error=True)
    jobs = tuple(new_job(number, batch_id="batch_2", host=f"{number}.test") for number in range(20, 26))
    late = new_job(26, due_at=START + 999)
    await store.commit([Submit(jobs=jobs, batch=batch), Submit(jobs=(late,))])
    leases = [lease for lease in await claim(store) if lease.job_id >= "job_0020"]
    await store.settle([done(leases[0])])
    await store.batch("batch_2")
    await store.commit([CancelMany(job_ids=("job_0021",)), CancelBatch(batch_id="batch_1", limit=100)])
    await store.settle([failed(lease) for lease in leases])
    await store.commit([ClearQueue(limit=100), DeleteMany(job_ids=("job_0000", "job_0020"), force=True)])
