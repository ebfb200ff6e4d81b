"""So many crashes of fetchers that all of them start anew: what is in hand, what waits, and what the process does."""

import asyncio
from collections import Counter

import pytest

from actors.measures import RESTARTS
from actors.system import MEBIBYTE
from engine.errors import TransientStoreError
from engine.jobs.outcome import ErrorType, Page
from engine.jobs.status import Status
from engine.runtime import Escalated, Node, State
from tests.actors.stage import Stage, Troubled, jobs, on_stage
from tests.contracts.jobs import new_job, page_with, submit

CRASHES = RESTARTS.max_restarts + 1
TOO_MANY = jobs(*[f"bad{number}" for number in range(CRASHES)])
"""Each may crash a fetcher twice."""


async def crashing_if_bad(name: str) -> None:
    await asyncio.sleep(60 if name == "long" else 0.1)
    if name.startswith("bad"):
        raise ZeroDivisionError


def restarts(stage: Stage, name: str) -> int:
    return sum(node.restarts for node in _below(stage.root.tree()) if node.name == name)


def _below(node: Node) -> list[Node]:
    return [node, *(each for child in node.children for each in _below(child))]


async def test_after_more_crashes_than_allowed_all_fetchers_start_anew_and_every_job_ends() -> None:
    store = Troubled()
    await submit(store, *TOO_MANY)
    async with on_stage(store, crashing_if_bad, concurrency=CRASHES + 1) as stage:
        failed = [await stage.final(job.id) for job in TOO_MANY]
        assert {(job.status, job.error_type) for job in failed} == {(Status.FAILED, ErrorType.INTERNAL)}
        await submit(store, new_job(99))
        assert (await stage.final("job_0099")).status is Status.COMPLETED
        assert (restarts(stage, "fetchers"), restarts(stage, "claimer")) == (2, 0)
        assert not stage.system.leases.is_closed
        assert stage.is_empty_handed
    assert stage.system.leases.is_closed


async def test_what_others_had_in_hand_when_all_start_anew_is_no_loss_and_is_fetched_again() -> None:
    store, company = Troubled(), new_job(98, path="long")
    await submit(store, company, *TOO_MANY)
    async with on_stage(store, crashing_if_bad, concurrency=CRASHES + 1) as stage:
        await asyncio.sleep(30)
        assert restarts(stage, "fetchers") == 2
        again = await stage.job(company.id)
        assert (again.status, again.losses, again.fence) == (Status.RUNNING, 0, 3)
        done = await stage.final(company.id)
        assert (done.status, done.attempts, stage.is_empty_handed) == (Status.COMPLETED, 1, True)


async def test_what_must_not_be_sent_again_is_not_when_all_start_anew() -> None:
    store, sent = Troubled(), new_job(98, method="POST", path="long")
    await submit(store, sent, *TOO_MANY)
    async with on_stage(store, crashing_if_bad, concurrency=CRASHES + 1) as stage:
        job = await stage.final(sent.id)
        assert (job.status, job.error_type) == (Status.FAILED, ErrorType.CONNECTION_LOST)
        await asyncio.sleep(30)
        assert [job_id for job_id, _ in stage.notes.all].count(sent.id) == 1
        assert stage.is_empty_handed


async def test_what_came_of_a_fetch_and_waits_for_room_waits_on_when_all_start_anew() -> None:
    """One is in the persister's hand, one fills the mailbox, and one waits for room there."""
    store, sent = Troubled(), [new_job(number, method="POST", path="heavy") for number in range(90, 93)]

    async def play(name: str) -> Page | None:
        await crashing_if_bad(name)
        return page_with(bytes(40 * MEBIBYTE)) if name == "heavy" else None

    store.fails["settle"] = TransientStoreError
    async with on_stage(store, play, concurrency=CRASHES + len(sent)) as stage:
        await submit(store, *sent)
        await asyncio.sleep(1)
        await submit(store, *TOO_MANY)
        await asyncio.sleep(1)
        del store.fails["settle"]
        done = [await stage.final(job.id) for job in sent]
        assert [(job.status, job.attempts) for job in done] == [(Status.COMPLETED, 1)] * len(sent)
        await asyncio.sleep(30)
        assert restarts(stage, "fetchers") == 2
        begun = Counter(job_id for job_id, _ in stage.notes.all)
        assert [begun[job.id] for job in sent] == [1] * len(sent)
        assert stage.is_empty_handed


async def test_a_drain_meets_fetchers_that_all_start_anew_and_gives_back_what_they_had() -> None:
    store, company = Troubled(), new_job(98, path="long")
    await submit(store, company, *TOO_MANY)
    async with on_stage(store, crashing_if_bad, concurrency=CRASHES + 1) as stage:
        await asyncio.sleep(0.11)
        (fetchers,) = [node for node in _below(stage.root.tree()) if node.name == "fetchers"]
        assert fetchers.state is State.WAITING
    assert [(await stage.job(job.id)).status for job in (company, *TOO_MANY)] == [Status.QUEUED] * (CRASHES + 1)
    assert (await stage.job(company.id)).losses == 0
    assert stage.is_empty_handed


async def test_only_when_they_have_started_anew_too_often_the_process_gives_up() -> None:
    store, rounds = Troubled(), RESTARTS.max_restarts + 1
    crashing = [new_job(number, path=f"bad{number}") for number in range(1, rounds * CRASHES)]
    await submit(store, new_job(path="long"), *crashing)
    with pytest.raises(ExceptionGroup) as caught:
        async with on_stage(store, crashing_if_bad, concurrency=CRASHES + 1) as stage:
            await asyncio.sleep(1000)
    assert caught.group_contains(Escalated, match="system")
    assert restarts(stage, "fetchers") == RESTARTS.max_restarts
