"""Two owners over one file: who was away past its lease settles nothing any more, and that is seen."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from actors.chronicle import Chronicle
from actors.persister import Hand, Persister
from config.logs import configure
from engine.jobs.command import Command
from engine.jobs.ledger import Ledger
from engine.jobs.ports import Answer, JobStore
from engine.jobs.status import Status
from engine.jobs.verdict import Settlement
from engine.metrics.instruments import Instruments
from engine.runtime import Ask, Mailbox
from tests.contracts.jobs import LEASE_S, body_of, claim, done, new_job, now, page_with, submit
from tests.contracts.stores import Hand as ClockHand
from tests.contracts.stores import sqlite
from tests.engine.metrics.panel import Panel

JOBS = 3


class Owner:
    """One process's ledger, persister, metrics and log."""

    def __init__(self, store: JobStore, name: str) -> None:
        self.store = store
        self.name = name
        self.ledger = Ledger()
        self.panel = Panel()
        self.said = io.BytesIO()
        self.outcomes: Mailbox[Settlement] = Mailbox("outcomes", capacity=10)

    async def claims(self) -> list[Settlement]:
        leases = await claim(self.store, owner=self.name)
        self.ledger.enter(leases)
        return [done(lease, page_with(self.name.encode())) for lease in leases]

    async def settles(self, settlements: list[Settlement]) -> None:
        for settlement in settlements:
            await self.outcomes.put(settlement)
        async with asyncio.timeout(5):
            await self._persister().run()

    def refused(self) -> float:
        return self.panel.shows("scraper_requests_total", scraper_type="http", status="refused")

    def _persister(self) -> Persister:
        commands: Mailbox[Ask[Command, Answer]] = Mailbox("commands", capacity=1)
        for mailbox in (commands, self.outcomes):
            mailbox.close()
        log = configure(level="INFO", log_format="json", stream=self.said)
        witness = Instruments(
            pages=self.panel.pages,
            dials=self.panel.dials,
            observers=[],
            witnesses=[Chronicle(log=log)],
        )
        return Persister(
            store=self.store,
            commands=commands,
            outcomes=self.outcomes,
            hand=Hand(),
            ledger=self.ledger,
            witness=witness,
        )


@asynccontextmanager
async def two_owners(folder: Path, clock: ClockHand) -> AsyncIterator[tuple[Owner, Owner]]:
    async with sqlite(folder, clock) as store:
        yield Owner(store, "away"), Owner(store, "present")


@pytest.mark.parametrize("knows", [True, False], ids=["it knows nothing of it", "its renewal was refused"])
async def test_a_late_outcome_is_refused_counted_and_told_once_a_batch(tmp_path: Path, *, knows: bool) -> None:
    clock = ClockHand()
    async with two_owners(tmp_path, clock) as (away, present):
        await submit(present.store, *(new_job(number) for number in range(JOBS)))
        late = await away.claims()
        clock.turn(LEASE_S)
        assert await present.store.rescue(10) == JOBS
        await present.settles(await present.claims())
        if knows:
            for settlement in late:
                away.ledger.abort(settlement.lease.job_id, "the lease is lost")
        await away.settles(late)
        assert (away.refused(), present.refused()) == (JOBS, 0)
        assert (away.said.getvalue().count(b"settle.refused"), present.said.getvalue()) == (1, b"")
        assert b'"outcomes":3' in away.said.getvalue()
        assert len(away.ledger) == len(present.ledger) == 0
        for settlement in late:
            job = await now(present.store, settlement.lease.job_id)
            assert (job.status, job.attempts, job.losses) == (Status.COMPLETED, 1, 0)
            assert await body_of(present.store, job.id) == [b"present"]
