"""A whole system in memory and in virtual time, against a web that a test plays."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from random import Random
from typing import Any

from actors.measures import Measures
from actors.system import System
from actors.watchdog import Guard
from engine.errors import StoreError
from engine.jobs.backlog import Backlog, Worker
from engine.jobs.command import Command, Submit
from engine.jobs.job import Job
from engine.jobs.lease import Lease
from engine.jobs.losses import put_off_s
from engine.jobs.outcome import Outcome
from engine.jobs.ports import Answer, Credit, JobStore, Sink
from engine.jobs.query import QueueFigures, Settled
from engine.jobs.request import Request
from engine.jobs.verdict import Rules, Settlement
from engine.runtime import Credits, Event, Mailbox, Node, Supervisor
from engine.storage.clock import StoreClock
from engine.storage.memory import MemoryStore
from engine.storage.patient import PatientStore
from tests.contracts.budget import BUDGET_BYTES
from tests.contracts.jobs import LEASE_S, new_job, now, page_with, submit
from tests.contracts.stores import START

OWNER = "process_1"


class Unmoved:
    """Instruments that show nothing."""

    async def settled(self, settlements: Sequence[Settlement], ends: Sequence[Settled]) -> None: ...
    def show_queue(self, figures: QueueFigures) -> None: ...
    def show_backlog(self, backlog: Backlog) -> None: ...
    def worker(self, owner: str) -> Worker | None: ...
    def watch_mailbox(self, mailbox: Mailbox[Any]) -> None: ...
    def show_lag(self, seconds: float) -> None: ...
    def show_process(self) -> None: ...
    def show_width(self, width: int) -> None: ...
    def saw(self, event: Event) -> None: ...


class Troubled(MemoryStore):
    """Fails as it is told: `fails[method]` is asked at each call."""

    def __init__(self) -> None:
        loop = asyncio.get_running_loop()
        super().__init__(clock=StoreClock(wall=lambda: START, monotonic=loop.time))
        self.fails: dict[str, Callable[[], StoreError | None]] = {}
        self.calls: list[str] = []

    async def commit(self, commands: Sequence[Command]) -> Sequence[Answer]:
        self._meet("commit")
        return await super().commit(commands)

    async def settle(self, settlements: Sequence[Settlement]) -> Sequence[Settled]:
        self._meet("settle")
        return await super().settle(settlements)

    async def claim(self, room: int, *, owner: str, lease_s: float) -> Sequence[Lease]:
        self._meet("claim")
        return await super().claim(room, owner=owner, lease_s=lease_s)

    async def renew(self, leases: Sequence[Lease], *, lease_s: float) -> Sequence[Lease]:
        self._meet("renew")
        return await super().renew(leases, lease_s=lease_s)

    async def promote(self, limit: int) -> int:
        self._meet("promote")
        return await super().promote(limit)

    def _meet(self, method: str) -> None:
        self.calls.append(method)
        error = self.fails.get(method, lambda: None)()
        if error is not None:
            raise error


class Notes:
    """A journal that a test can read: what is in hand now, and all that ever was."""

    def __init__(self) -> None:
        self.open: dict[int, tuple[str, bool]] = {}
        self.all: list[tuple[str, bool]] = []

    def begin(self, lease: Lease, *, alone: bool) -> int:
        self.all.append((lease.job_id, alone))
        self.open[len(self.all)] = self.all[-1]
        return len(self.all)

    def end(self, place: int) -> None:
        del self.open[place]


Play = Callable[[str], Awaitable[Outcome | None]]
"""What the web does, by the last part of the URL; None is a plain page."""


class Web:
    """Plays, and sees who is being fetched beside whom."""

    def __init__(self, play: Play) -> None:
        self._play = play
        self.inside: list[str] = []
        self.beside: dict[str, set[str]] = {}
        self.timeouts: dict[str, float] = {}
        self.credits: dict[str, Credit] = {}

    async def __call__(self, request: Request, *, timeout_s: float, sink: Sink, credit: Credit) -> Outcome:  # noqa: ARG002 - a port
        name = request.url.rpartition("/")[2]
        self.timeouts[name] = timeout_s
        self.inside.append(name)
        for each in self.inside:
            self.beside.setdefault(each, set()).update(self.inside)
        self.credits[name] = credit
        try:
            return await self._play(name) or page_with()
        finally:
            self.inside.remove(name)


class Stage:
    """A system at work."""

    def __init__(self, *, store: Troubled, system: System, web: Web, notes: Notes, root: Supervisor) -> None:
        self.store = store
        self.system = system
        self.web = web
        self.notes = notes
        self.root = root

    async def job(self, job_id: str) -> Job:
        return await now(self.store, job_id)

    async def final(self, job_id: str) -> Job:
        job = await self.store.wait_until_final(job_id, 10_000)
        assert job is not None
        assert job.status.is_final
        return job

    @property
    def restarts(self) -> int:
        return _restarts(self.root.tree())

    @property
    def is_empty_handed(self) -> bool:
        system = self.system
        boxes = (system.commands, system.leases, system.suspects, system.outcomes)
        busy = system.valve.inside - system.leases.hungry
        is_paid_back = not system.credits.held_bytes and not system.credits.waiting
        is_at_rest = not len(system.ledger) and not busy and not self.notes.open
        return is_paid_back and is_at_rest and not any(box.depth for box in boxes)


def _restarts(node: Node) -> int:
    return node.restarts + sum(map(_restarts, node.children))


@asynccontextmanager
async def on_stage(
    store: Troubled,
    play: Play,
    *,
    concurrency: int = 4,
    budget: int = BUDGET_BYTES,
    guard: Guard | None = None,
    instruments: Unmoved | None = None,
    **measures: Any,
) -> AsyncIterator[Stage]:
    """Runs from entry to exit, and drains then."""
    notes, web = Notes(), Web(play)
    sizes = {"lease_s": LEASE_S, "grace_s": 25.0, "random": Random(7), **measures}
    patient: JobStore = PatientStore(store=store, tell=lambda _: None)
    system = System(
        store=patient,
        fetch=web,
        credits=Credits(budget),
        rules=Rules(job_timeout_s=300.0, now=lambda: START + asyncio.get_running_loop().time(), draw=lambda: 0.0),
        owner=OWNER,
        measures=Measures(concurrency=concurrency, **sizes),
        instruments=instruments or Unmoved(),
        journal=notes,
        guard=guard,
    )
    root = system.tree()
    async with asyncio.TaskGroup() as group:
        group.create_task(root.run())
        yield Stage(store=store, system=system, web=web, notes=notes, root=root)
        await root.drain()
    await system.let_go()


async def submit_suspect(store: Troubled, job: Job, *, losses: int = 2) -> None:
    """Put where it was lost so often before, and due again."""
    await submit_suspects(store, job, losses=losses)


async def submit_suspects(store: Troubled, *suspects: Job, losses: int = 2) -> None:
    """They are due one after the other; returns when all are."""
    await submit(store, *suspects)
    for _ in range(losses):
        await store.give_back(await store.claim(len(suspects), owner="before", lease_s=LEASE_S), lost=True)
    await asyncio.sleep(put_off_s(losses, before=len(suspects) - 1))
    await store.promote(len(suspects))


def jobs(*names: str, **changes: Any) -> list[Job]:
    return [new_job(number, path=name, **changes) for number, name in enumerate(names)]


def submission(*submitted: Job) -> Submit:
    return Submit(jobs=submitted)
