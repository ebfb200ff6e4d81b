"""What becomes of a job whose fetch is cut short: by a crash, by a drain, while the store takes nothing back."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest

from actors.measures import Measures
from actors.system import System
from engine.errors import StoreError
from engine.jobs.command import Submit
from engine.jobs.job import Job
from engine.jobs.lease import Lease
from engine.jobs.outcome import ErrorType, Outcome
from engine.jobs.ports import Credit, Sink
from engine.jobs.request import Request
from engine.jobs.status import Status
from engine.jobs.verdict import Rules
from engine.runtime import Credits, Supervisor
from engine.storage.sqlite import SqliteStore
from tests.actors.test_kills import restarts
from tests.conftest import eventually
from tests.contracts.budget import BUDGET_BYTES
from tests.contracts.jobs import new_job, now
from tests.contracts.stores import START, Hand, sqlite
from tests.simulation.eye import Eye


class Endless:
    """A fetch that never comes to anything."""

    def __init__(self) -> None:
        self.begun = 0

    async def __call__(self, request: Request, *, timeout_s: float, sink: Sink, credit: Credit) -> Outcome:  # noqa: ARG002 - a port
        self.begun += 1
        never: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        return await never


@asynccontextmanager
async def fetching(folder: Path, job: Job) -> AsyncIterator[tuple[SqliteStore, System, Supervisor, Endless]]:
    """A system with this job's fetch in hand; it drains at the end."""
    fetch = Endless()
    async with sqlite(folder, Hand()) as store:
        system = System(
            store=store,
            fetch=fetch,
            credits=Credits(BUDGET_BYTES),
            rules=Rules(job_timeout_s=300.0, now=lambda: START, draw=lambda: 0.5),
            owner="me",
            measures=Measures(concurrency=1, lease_s=30.0, grace_s=0.01, random=Random(1)),
            instruments=Eye(clock=lambda: 0.0, tell=lambda *_: None),
        )
        root = system.tree()
        async with asyncio.TaskGroup() as group:
            group.create_task(root.run())
            await system.commit(Submit(jobs=(job,)))
            await eventually(lambda: fetch.begun)
            yield store, system, root, fetch
            await root.drain()


async def crashed(root: Supervisor, fetch: Endless) -> None:
    """The fetcher; returns when its successor has the job in hand."""
    begun = fetch.begun
    _fetcher().cancel()
    await eventually(lambda: restarts(root, "fetcher") and fetch.begun > begun)


async def test_what_a_drain_cuts_and_must_not_be_sent_again_fails(tmp_path: Path) -> None:
    job = new_job(method="POST")
    async with fetching(tmp_path, job) as (store, system, root, _):
        await root.drain()
        await system.let_go()
        found = await now(store, job.id)
        assert (found.status, found.error_type) == (Status.FAILED, ErrorType.CONNECTION_LOST)


async def test_a_drain_that_cuts_a_fetch_is_no_crash_of_its_page(tmp_path: Path) -> None:
    job = new_job()
    async with fetching(tmp_path, job) as (store, system, root, fetch):
        await crashed(root, fetch)
        await root.drain()
        await system.let_go()
        found = await now(store, job.id)
        assert (found.status, found.losses) == (Status.QUEUED, 1)


async def test_a_page_that_crashes_two_fetchers_fails_its_job(tmp_path: Path) -> None:
    job = new_job()
    async with fetching(tmp_path, job) as (store, system, root, fetch):
        await crashed(root, fetch)
        _fetcher().cancel()
        await eventually(lambda: not len(system.ledger))
        found = await store.wait_until_final(job.id, 5.0)
        assert found is not None
        assert (found.status, found.error_type) == (Status.FAILED, ErrorType.INTERNAL)


async def test_a_lease_that_the_store_did_not_take_back_runs_out_and_is_not_taken_for_unsent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = new_job(method="POST")
    async with fetching(tmp_path, job) as (store, system, root, _):
        monkeypatch.setattr(store, "give_back", _failing)
        _fetcher().cancel()
        await eventually(lambda: restarts(root, "fetcher"))
        monkeypatch.undo()
        assert not len(system.ledger)
        await root.drain()
        await system.let_go()
        assert (await now(store, job.id)).status is Status.RUNNING


def _fetcher() -> asyncio.Task[object]:
    return next(task for task in asyncio.all_tasks() if task.get_name() == "fetcher")


async def _failing(leases: Sequence[Lease], *, lost: bool = False) -> None:
    raise StoreError(f"{len(leases)} leases, lost: {lost}")
