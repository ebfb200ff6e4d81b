"""The SQLite store against the one in memory: whatever is asked of both in whatever order, they answer alike.

After each step the counts and the lanes of the file equal a scan of it.
"""

import asyncio
import sqlite3
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from engine.errors import RefusedDataError
from engine.jobs.command import (
    BeginAlone,
    Bulk,
    Cancel,
    CancelBatch,
    CancelMany,
    ClearQueue,
    Command,
    DeleteMany,
    KeepChunk,
    Redrive,
    Submit,
)
from engine.jobs.job import Batch, Job
from engine.jobs.lease import Lease
from engine.jobs.once import KEPT_S, Once
from engine.jobs.outcome import Chunks, ErrorType
from engine.jobs.query import SORTED_BY, JobQuery
from engine.jobs.stats import day_of
from engine.jobs.status import Status
from engine.jobs.verdict import Settlement
from engine.storage.check import check, miscounts
from tests.contracts.jobs import LEASE_S, body_of, done, failed, measured, new_job, page_with, put_off
from tests.contracts.stores import START, Hand, memory, sqlite

T = TypeVar("T")

HOSTS = st.sampled_from(["a.test", "b.test", "c.test"])
BATCHES = st.sampled_from([None, None, "batch_1", "batch_2", "batch_3"])
LIMITS_OF_BATCHES: dict[str | None, dict[str, Any]] = {
    "batch_1": {},
    "batch_2": {"parallel_limit": 2},
    "batch_3": {"parallel_limit": 3, "stop_on_error": True},
}
TAGS = st.lists(st.sampled_from(["red", "blue"]), unique=True).map(tuple)
PLACES = st.lists(st.integers(0, 12), min_size=1, max_size=6)
LIMITS = st.integers(1, 5)
TODAY = day_of(START)
TTL_S = 33.0
Shape = tuple[str, str | None, tuple[str, ...], int, bool, bool]
SHAPES = st.tuples(HOSTS, BATCHES, TAGS, st.integers(-2, 2), st.booleans(), st.booleans())


Way = Callable[[Lease, float], Settlement]
WAYS: list[Way] = [
    lambda lease, _: done(lease),
    lambda lease, _: done(lease, page_with(b"", chunks=Chunks(count=1, sha256="5f"))),
    lambda lease, _: failed(lease),
    lambda lease, _: failed(lease, page_with(status_code=500)),
    lambda lease, now: put_off(lease, now + 3.3),
]


class Stores(RuleBasedStateMachine):
    """Leases and jobs are drawn from all that there ever were, so late and repeated ones are common."""

    @initialize(shapes=st.lists(SHAPES, min_size=4, max_size=12))
    def open(self, shapes: list[Shape]) -> None:
        self.folder = TemporaryDirectory()
        self.hand = Hand()
        self.runner = asyncio.Runner()
        self.opened = AsyncExitStack()
        path = Path(self.folder.name)
        self.ends: list[Counter[ErrorType]] = [Counter(), Counter()]
        self.stores = [
            self.runner.run(self.opened.enter_async_context(way(path, self.hand, TTL_S, ends.update)))
            for way, ends in zip((memory, sqlite), self.ends, strict=True)
        ]
        self.look = sqlite3.connect(path / "jobs.db")
        self.jobs: list[Job] = []
        self.leases: list[Lease] = []
        self.submit(shapes)

    @rule(shapes=st.lists(SHAPES, min_size=1, max_size=6))
    def submit(self, shapes: list[Shape]) -> None:
        jobs: dict[str | None, list[Job]] = {}
        for host, batch_id, tags, priority, is_late, is_post in shapes:
            job = new_job(
                len(self.jobs),
                host=host,
                batch_id=batch_id,
                tags=tags,
                priority=priority,
                created_at=self.hand.now(),
                due_at=self.hand.now() + 7.1 if is_late else None,
                method="POST" if is_post else "GET",
            )
            self.jobs.append(job)
            jobs.setdefault(batch_id, []).append(job)
        self.both("commit", [_submitted(batch_id, some) for batch_id, some in jobs.items()])

    @rule(places=PLACES, again=PLACES)
    def cancel_and_submit_again(self, places: list[int], again: list[int]) -> None:
        cancels: list[Command] = [Cancel(job_id=job_id) for job_id in self.ids(places)]
        submits = [_submitted(job.batch_id, [job]) for job in _some(self.jobs, again)]
        self.both("commit", [*cancels, *submits, *cancels[:1]])

    @rule(places=PLACES, command=st.sampled_from([CancelMany, DeleteMany]), force=st.booleans())
    def reach_some(self, places: list[int], command: type[CancelMany | DeleteMany], *, force: bool) -> None:
        job_ids = self.ids(places)
        asked: Bulk = CancelMany(job_ids=job_ids) if command is CancelMany else DeleteMany(job_ids=job_ids, force=force)
        self.both("commit", [asked])

    @rule(limit=LIMITS, batch_id=BATCHES)
    def reach_all(self, limit: int, batch_id: str | None) -> None:
        command = CancelBatch(batch_id=batch_id, limit=limit) if batch_id else ClearQueue(limit=limit)
        self.both("commit", [command])

    @rule(keys=st.lists(st.sampled_from("abc"), min_size=1, max_size=4), places=PLACES, again=st.booleans())
    def submit_once(self, keys: list[str], places: list[int], *, again: bool) -> None:
        """Twins in one commit, and across commits; some are done again as they were."""
        fresh: list[Command] = []
        for key in keys:
            job = new_job(len(self.jobs), host="a.test", created_at=self.hand.now())
            self.jobs.append(job)
            digest = "d" if len(self.jobs) % 3 else "other"
            fresh.append(Submit(jobs=(job,), once=Once(key=key, digest=digest, answer=job.id)))
        self.both("commit", [*fresh, *(Cancel(job_id=f"job_{place:04}") for place in places), *fresh[:again]])

    @rule(places=PLACES)
    def redrive(self, places: list[int]) -> None:
        ids = tuple(job.id for job in _some(self.jobs, places))
        self.both("commit", [Redrive(job_ids=(*ids, "job_none")), Redrive(job_ids=ids[:2])])

    @rule(room=st.integers(1, 8), owner=st.sampled_from(["me", "other"]))
    def claim(self, room: int, owner: str) -> None:
        self.leases += self.both("claim", room, owner=owner, lease_s=LEASE_S)

    @rule(room=st.integers(1, 8), ways=st.lists(st.sampled_from(WAYS), min_size=1, max_size=8))
    def claim_and_settle(self, room: int, ways: list[Way]) -> None:
        self.claim(room, "me")
        self.settle(list(range(len(ways))), ways, is_measured=True)

    @rule(places=PLACES, ways=st.lists(st.sampled_from(WAYS), min_size=6, max_size=6), is_measured=st.booleans())
    def settle(self, places: list[int], ways: list[Way], *, is_measured: bool) -> None:
        leases = _some(self.leases, places)
        self.keep(places)
        at = self.hand.now()
        settlements = [way(lease, at) for lease, way in zip(leases, ways, strict=False)]
        if is_measured:
            settlements = [measured(each, began_at=at - 0.5, ended_at=at) for each in settlements]
        self.both("settle", settlements)

    @rule(places=PLACES)
    def keep(self, places: list[int]) -> None:
        for lease in _some(self.leases, places):
            self.both("commit", [KeepChunk(job_id=lease.job_id, fence=lease.fence, seq=0, data=b"x")])

    @rule(places=PLACES)
    def begin_alone(self, places: list[int]) -> None:
        """Suspects and others alike: that only suspects are is not the store's to see to."""
        leases = _some(self.leases, places)
        self.both("commit", [BeginAlone(job_id=lease.job_id, fence=lease.fence) for lease in leases])

    @rule(places=PLACES)
    def renew(self, places: list[int]) -> None:
        self.both("renew", _some(self.leases, places), lease_s=LEASE_S)

    @rule(places=PLACES, lost=st.booleans())
    def give_back(self, places: list[int], *, lost: bool) -> None:
        self.both("give_back", _some(self.leases, places), lost=lost)

    @rule(places=PLACES, before=st.integers(0, 3))
    def put_off(self, places: list[int], before: int) -> None:
        """Suspects and others alike, as in `begin_alone`."""
        self.both("put_off", _some(self.leases, places), before=before)

    @rule(owner=st.sampled_from(["me", "other"]), places=PLACES)
    def release(self, owner: str, places: list[int]) -> None:
        self.both("release", owner, keeping=_some(self.leases, places))

    @rule(limit=LIMITS, places=PLACES)
    def rescue(self, limit: int, places: list[int]) -> None:
        self.both("rescue", limit, keeping=_some(self.leases, places))

    @rule(limit=LIMITS)
    def promote(self, limit: int) -> None:
        self.both("promote", limit)

    @rule(limit=LIMITS)
    def tidy(self, limit: int) -> None:
        """To the end: of results that came in one moment, one store may remove another first."""
        while self.both("tidy", limit):
            pass

    @rule(seconds=st.sampled_from([0.25, 4.0, 31.0, KEPT_S]))
    def wait(self, seconds: float) -> None:
        self.hand.turn(seconds)

    @rule(seconds=st.sampled_from([-2 * 3600.0, 24 * 3600.0]))
    def set_the_wall_clock(self, seconds: float) -> None:
        self.hand.jump(seconds)

    @rule(
        statuses=st.lists(st.sampled_from(Status), unique=True, max_size=2).map(tuple),
        tags=TAGS,
        host=st.none() | HOSTS,
        batch_id=BATCHES,
        sort_by=st.sampled_from(SORTED_BY),
        descending=st.booleans(),
        offset=st.integers(0, 3),
    )
    def find(self, **asked: Any) -> None:
        self.both("find", JobQuery(limit=3, **asked))

    @rule(places=PLACES)
    def explain(self, places: list[int]) -> None:
        for job in _some(self.jobs, places):
            self.both("explain", job.id)

    @invariant()
    def the_stores_are_alike(self) -> None:
        self.both("counts")
        self.both("stats", TODAY - 1, TODAY + 2)
        self.both("queue")
        self.both("backlog")
        for batch_id in ("batch_1", "batch_2", "batch_3", "batch_none"):
            self.both("batch", batch_id)
        self.both("find", JobQuery(limit=1000))
        assert self.ends[0] == self.ends[1]

    @invariant()
    def counts_and_lanes_are_those_of_a_scan(self) -> None:
        assert list(miscounts(self.look)) == []

    def teardown(self) -> None:
        for job in self.jobs:
            self.both("result", job.id)
            self.both("explain", job.id)
            bodies = [self.runner.run(body_of(store, job.id)) for store in self.stores]
            assert bodies[0] == bodies[1]
        self.look.close()
        self.runner.run(self.opened.aclose())
        self.runner.close()
        assert check(Path(self.folder.name) / "jobs.db") == []
        self.folder.cleanup()

    def ids(self, places: list[int]) -> tuple[str, ...]:
        """The latest, too, are met most; and one that is nobody's."""
        return (*(job.id for job in _some(self.jobs, places)), "job_none")

    def both(self, method: str, *args: Any, **kwargs: Any) -> Any:
        ours, theirs = (self.answer(getattr(store, method)(*args, **kwargs)) for store in self.stores)
        assert theirs == ours
        return ours

    def answer(self, asked: Coroutine[Any, Any, Any]) -> Any:
        """A refusal is an answer, too: of a piece of a job that was deleted, for one."""
        try:
            return self.runner.run(asked)
        except RefusedDataError:
            return RefusedDataError


def _submitted(batch_id: str | None, jobs: Sequence[Job]) -> Submit:
    batch = batch_id and Batch(id=batch_id, total=6, created_at=1.0, **LIMITS_OF_BATCHES[batch_id])
    return Submit(jobs=tuple(jobs), batch=batch or None)


def _some(row: Sequence[T], places: list[int]) -> list[T]:
    """The latest are met most."""
    return [row[-1 - place] for place in places if place < len(row)]


TestStores = Stores.TestCase
TestStores.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
