"""What every JobStore promises of batches beside one another: each has its turn, however many hosts the others have."""

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.jobs.command import Submit
from engine.jobs.job import Batch, Job
from engine.jobs.ports import JobStore
from tests.contracts.jobs import claim, done, new_job, submit
from tests.contracts.stores import START

MANY = 500
FEW = 10
SOON = 30
AMONG: dict[str, str | None] = {"a batch": "batch_many", "a stream": None}

Step = tuple[int, Sequence[int], int] | int
"""A submit to one of the batches, 0 is none, to hosts, each with so many jobs; or so many claims."""
SUBMITS = st.tuples(st.integers(0, 3), st.lists(st.integers(0, 25), min_size=1, max_size=25), st.integers(1, 3))
STEPS: st.SearchStrategy[list[Step]] = st.lists(SUBMITS | st.integers(1, 12), min_size=2, max_size=10)
EXAMPLES, NUMBERS = count(), count(10_000)


def jobs_on(hosts: Iterable[str], first: int, *, batch_id: str | None = None, each: int = 1) -> list[Job]:
    names = [host for _ in range(each) for host in hosts]
    return [new_job(first + place, host=host, batch_id=batch_id) for place, host in enumerate(names)]


def hosts(name: str, number: int) -> list[str]:
    return [f"{place}.{name}.test" for place in range(number)]


async def submit_batch(store: JobStore, jobs: Sequence[Job], parallel_limit: int | None = None) -> None:
    batch = Batch(id=jobs[0].batch_id or "", total=len(jobs), created_at=START, parallel_limit=parallel_limit)
    await store.commit([Submit(jobs=tuple(jobs), batch=batch)])


async def take(store: JobStore, claims: int, *, room: int = 1) -> list[str]:
    """The hosts in the order in which they come; what is claimed is settled."""
    taken: list[str] = []
    for _ in range(claims):
        leases = await claim(store, room)
        await store.settle([done(lease) for lease in leases])
        taken += [lease.request.host for lease in leases]
    return taken


def of(name: str, taken: Iterable[str]) -> int:
    return sum(host.endswith(f"{name}.test") for host in taken)


async def submit_many(store: JobStore, batch_id: str | None, parallel_limit: int | None = None) -> None:
    jobs = jobs_on(hosts("many", MANY), 0, batch_id=batch_id, each=2)
    if batch_id is not None:
        await submit_batch(store, jobs, parallel_limit)
        return
    for job in jobs[:FEW]:  # as a stream brings them
        await submit(store, job)
    await submit(store, *jobs[FEW:])


@pytest.mark.parametrize("among", AMONG)
@pytest.mark.parametrize("begun", [0, 25])
async def test_a_few_jobs_do_not_wait_for_many_hosts(store: JobStore, among: str, begun: int) -> None:
    await submit_many(store, AMONG[among])
    await take(store, begun)
    await submit_batch(store, jobs_on(hosts("few", FEW), 2000, batch_id="batch_few"))
    assert of("few", await take(store, SOON)) == FEW


async def test_single_jobs_do_not_wait_for_many_hosts(store: JobStore) -> None:
    await submit_many(store, "batch_many")
    await take(store, FEW)
    for job in jobs_on(hosts("few", FEW), 2000):
        await submit(store, job)
    assert of("few", await take(store, SOON)) == FEW


@pytest.mark.parametrize("limited", ["many", "few"])
async def test_a_parallel_limit_changes_nothing_in_that(store: JobStore, limited: str) -> None:
    await submit_many(store, "batch_many", MANY if limited == "many" else None)
    await take(store, FEW)
    few = jobs_on(hosts("few", FEW), 2000, batch_id="batch_few")
    await submit_batch(store, few, MANY if limited == "few" else None)
    assert of("few", await take(store, SOON)) == FEW


async def test_a_limited_batch_gets_nothing_back_for_the_time_when_it_was_full(store: JobStore) -> None:
    await submit_batch(store, jobs_on(hosts("full", 50), 0, batch_id="batch_full"), 20)
    held = [await claim(store, 20)]
    await submit_batch(store, jobs_on(hosts("free", 50), 100, batch_id="batch_free", each=4))
    assert of("free", await take(store, 60)) == 60
    await store.settle([done(lease) for leases in held for lease in leases])
    assert abs(of("full", await take(store, 20)) - 10) <= 1


async def test_a_host_gets_nothing_back_for_the_time_when_it_had_no_jobs(store: JobStore) -> None:
    await submit_batch(store, jobs_on(hosts("busy", 50), 0, batch_id="batch_busy", each=4))
    await submit(store, new_job(300, host="idle.test"))
    assert of("idle", await take(store, 60)) == 1
    await submit(store, *jobs_on(["idle.test"], 400, each=40))
    assert abs(of("idle", await take(store, 20)) - 10) <= 1


@pytest.mark.parametrize("room", [1, 20])
async def test_two_large_batches_have_about_the_same(store: JobStore, room: int) -> None:
    await submit_batch(store, jobs_on(hosts("first", 300), 0, batch_id="batch_1"))
    await take(store, 3)
    await submit_batch(store, jobs_on(hosts("second", 100), 1000, batch_id="batch_2", each=3))
    taken = await take(store, 200 // room, room=room)
    assert abs(of("first", taken) - of("second", taken)) <= room


async def test_the_last_host_of_a_batch_of_many_has_all_its_turns(store: JobStore) -> None:
    await submit_batch(store, jobs_on(hosts("one", 100), 0, batch_id="batch_1"))
    await submit_batch(store, jobs_on(["last.test"], 200, batch_id="batch_1", each=50))
    await submit_batch(store, jobs_on(["other.test"], 400, batch_id="batch_2", each=250))
    await take(store, 210)
    assert abs(of("last", await take(store, 20)) - 10) <= 1


async def test_a_host_has_its_place_from_when_a_job_of_it_may_run(store: JobStore) -> None:
    late = new_job(0, host="late.test", due_at=START + 99)
    await submit(store, late, new_job(1, host="early.test"), new_job(2, host="late.test"))
    assert await take(store, 2) == ["early.test", "late.test"]


async def test_hosts_at_one_place_go_by_their_names(store: JobStore) -> None:
    for number, host in enumerate(("b.test", "c.test", "a.test")):
        await submit(store, new_job(number, host=host, batch_id=f"batch_{number}"))
    assert await take(store, 3) == ["a.test", "b.test", "c.test"]


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, limited=st.sets(st.integers(1, 3)))
async def test_no_lane_waits_longer_than_its_own_batch_and_all_others_need_for_its_hosts(
    store: JobStore, steps: list[Step], limited: set[int]
) -> None:
    scene = Scene(store, limited)
    for step in steps:
        if isinstance(step, int):
            await scene.take(step)
        else:
            await scene.bring(*step)
    await scene.take(scene.queued.total())
    assert scene.queued.total() == 0


class Scene:
    """Batches whose hosts are nobody else's."""

    def __init__(self, store: JobStore, limited: set[int]) -> None:
        self._store = store
        self._limited = limited
        self._example = next(EXAMPLES)
        self._hosts: dict[int, set[str]] = {}
        self._waits: Counter[str] = Counter()
        self.queued: Counter[str] = Counter()

    async def bring(self, batch: int, places: Sequence[int], each: int) -> None:
        names = [f"{place}.{batch}.test" for place in places]
        batch_id = f"batch_{self._example}_{batch}" if batch else None
        jobs = [new_job(next(NUMBERS), host=name, batch_id=batch_id) for name in names for _ in range(each)]
        if batch_id is None:
            await submit(self._store, *jobs)
        else:
            await submit_batch(self._store, jobs, 9 if batch in self._limited else None)
        self._hosts.setdefault(batch, set()).update(names)
        self.queued.update(job.request.host for job in jobs)

    async def take(self, claims: int) -> None:
        for _ in range(min(claims, self.queued.total())):
            (host,) = await take(self._store, 1)
            self.queued[host] -= 1
            for other, jobs in self.queued.items():
                self._waits[other] = self._waits[other] + 1 if jobs and other != host else 0
            self._nobody_waits_too_long()

    def _nobody_waits_too_long(self) -> None:
        for batch, of_batch in self._hosts.items():
            longest = max(self._waits[host] for host in of_batch)
            assert longest <= (len(of_batch) + 2) * (len(self._hosts) + 1), (batch, longest)
