"""What is kept is never told apart from what is read anew, by who writes and reads in one process."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.api import build_app
from engine.api.keeping import Keeping
from engine.cache.answers import Answers
from engine.cache.asked import Asked
from engine.cache.coherent_store import CoherentStore
from engine.jobs.command import Cancel, Command, DeleteMany, Redrive, Submit
from engine.jobs.lease import Lease
from engine.jobs.query import Result
from engine.storage.memory import MemoryStore
from tests.contracts.jobs import LEASE_S, done, failed, new_job
from tests.contracts.stores import Hand
from tests.engine.api.services import the_services
from tests.engine.api.shelf import Shelf
from tests.engine.cache.loads import a_reader

Client = TestClient[web.Request, web.Application]
RESULT_TTL_S = 50.0
COMMANDS = {"submit", "cancel", "redrive", "delete", "force"}

acts = st.tuples(
    st.sampled_from([*sorted(COMMANDS), "cancel", "redrive", "redrive", "claim", "complete", "fail", "wait"]),
    st.integers(0, 1),
)
ONE = [f"/api/v1/scrape/job_{number:04}{kind}" for number in range(3) for kind in ("", "/result")]
MANY = ["/api/v1/jobs", "/api/v1/jobs?status=completed", "/api/v1/jobs/stats"]


class Counting(MemoryStore):
    def __init__(self, hand: Hand) -> None:
        super().__init__(clock=hand.clock(), result_ttl_s=RESULT_TTL_S)
        self.reads = 0

    async def result(self, job_id: str) -> Result | None:
        self.reads += 1
        await asyncio.sleep(0)
        return await super().result(job_id)


class Process:
    """A store, and what is kept before it."""

    def __init__(self) -> None:
        self.hand = Hand()
        self.store = Counting(self.hand)
        self.just_over: list[str] = []
        self.refused = 0
        self._answers = Answers(jobs=a_reader(self.hand.now), lists=a_reader(self.hand.now))
        self._asked = Asked(offer=self._offer, refused=self._refuse)
        self._before = CoherentStore(store=self.store, written=self._answers.written, settled=self._asked.settled)
        self._leases: dict[str, Lease] = {}

    @asynccontextmanager
    async def served(self, *, keeps: bool = True) -> AsyncIterator[Client]:
        answers = self._answers
        keeping = Keeping(jobs=answers.jobs, lists=answers.lists, asked=self._asked.note, result_ttl_s=RESULT_TTL_S)
        services = the_services(Shelf(), store=self.store, now=self.hand.now, keeping=keeping if keeps else Keeping())
        async with TestClient(TestServer(build_app(services))) as client:
            yield client

    async def act(self, what: str, number: int = 0) -> None:
        job_id = f"job_{number:04}"
        if what in COMMANDS:
            await self._before.commit([_command(what, number, job_id)])
        elif what == "claim":
            for lease in await self._before.claim(1, owner="me", lease_s=LEASE_S):
                self._leases[lease.job_id] = lease
        elif what == "wait":
            self.hand.turn(20.0)
            await self._before.tidy(100)
        elif job_id in self._leases:
            end = done if what == "complete" else failed
            await self._before.settle([end(self._leases.pop(job_id))])

    def _offer(self, job_id: str) -> bool:
        self.just_over.append(job_id)
        return len(self.just_over) <= 1

    def _refuse(self) -> None:
        self.refused += 1


def _command(what: str, number: int, job_id: str) -> Command:
    match what:
        case "submit":
            return Submit(jobs=(new_job(number),))
        case "cancel":
            return Cancel(job_id=job_id)
        case "redrive":
            return Redrive(job_ids=(job_id,))
        case _:
            return DeleteMany(job_ids=(job_id,), force=what == "force")


async def told(client: Client, path: str) -> tuple[int, Any]:
    async with client.get(path) as answer:
        said = await answer.json()
        return answer.status, said if answer.status == 200 else said["error"]


@settings(deadline=None, max_examples=60)
@given(steps=st.lists(acts, min_size=10, max_size=20))
def test_what_is_told_is_what_is_stored(steps: Sequence[tuple[str, int]]) -> None:
    """Of many jobs at once, what others than commands do may be told a second later."""

    async def walk() -> None:
        process = Process()
        async with process.served() as kept, process.served(keeps=False) as stored:
            for step in [("submit", 0), ("submit", 1), *steps]:
                await process.act(*step)
                paths = ONE[2 * step[1] : 2 * step[1] + 2]
                for path in (*paths, *MANY) if step[0] in COMMANDS else paths:
                    assert await told(kept, path) == await told(stored, path)

    asyncio.run(walk())


@pytest.mark.parametrize(
    ("before", "command", "told_then"),
    [
        (("cancel",), "redrive", "queued"),
        (("claim", "fail"), "redrive", "queued"),
        (("cancel",), "delete", "unknown_job"),
        (("claim", "complete"), "delete", "unknown_job"),
        (("claim", "complete"), "force", "unknown_job"),
    ],
)
async def test_what_leads_out_of_an_end_shows_at_once(before: Sequence[str], command: str, told_then: str) -> None:
    process = Process()
    async with process.served() as client:
        for what in ("submit", *before):
            await process.act(what)
        assert (await told(client, ONE[0]))[1]["status"] in {"cancelled", "failed", "completed"}
        await process.act(command)
        status, said = await told(client, ONE[0])
        assert (said["status"] if status == 200 else said) == told_then


async def test_a_thousand_who_ask_at_once_for_a_job_that_is_over_cost_one_read_of_the_store() -> None:
    process = Process()
    for what in ("submit", "claim", "complete"):
        await process.act(what)
    async with process.served() as client:
        answers = await asyncio.gather(*[told(client, ONE[0]) for _ in range(1000)])
    assert all(answer == answers[0] for answer in answers)
    assert (answers[0][0], answers[0][1]["status"]) == (200, "completed")
    assert process.store.reads == 1


async def test_a_list_is_told_again_for_a_second() -> None:
    process = Process()
    await process.act("submit")
    async with process.served() as client:
        before = await told(client, MANY[1])
        for what in ("claim", "complete"):
            await process.act(what)
        process.hand.turn(0.9)
        assert await told(client, MANY[1]) == before
        process.hand.turn(0.2)
        assert (await told(client, MANY[1]))[1]["total"] == 1


async def test_what_was_asked_for_before_it_was_over_is_named_once_when_it_is_and_no_other() -> None:
    process = Process()
    async with process.served() as client:
        for number in range(3):
            await process.act("submit", number)
            await process.act("claim", number)
        for path in (ONE[0], ONE[0], ONE[2]):
            await told(client, path)
        for number in range(3):
            await process.act("complete", number)
    assert process.just_over == ["job_0000", "job_0001"]
    assert process.refused == 1
