"""What the next process makes of what a dead one left: at once, and held against nobody who was not being fetched."""

from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from engine.jobs.command import Submit
from engine.jobs.job import Batch
from engine.jobs.lease import Lease
from engine.jobs.losses import DEATHS_ALONE, POISON_AFTER, STEP_S, SUSPECT_AFTER, put_off_s
from engine.jobs.outcome import ErrorType
from engine.jobs.request import Options
from engine.jobs.status import Status
from engine.runtime import inline
from engine.storage.check import check
from engine.storage.journal import journal_of
from engine.storage.sqlite import SqliteStore
from tests.contracts.jobs import claim, done, new_job, now, put_off, settle, submit
from tests.contracts.stores import START, Hand, a_file

LATER_S = 60.0
"""When all suspects are due."""
UNSAFE = new_job(9, method="POST")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return a_file(tmp_path)


class Process:
    """A life of the store that ends without a word: the file and the journal stay as they are."""

    def __init__(self, path: Path, hand: Hand) -> None:
        self._path = path
        self._hand = hand
        self.ends: Counter[ErrorType] = Counter()

    async def __aenter__(self) -> SqliteStore:
        clock, ended = self._hand.clock(), self.ends.update
        self._store = await SqliteStore.open(self._path, write=inline, read=inline, clock=clock, ended=ended)
        return self._store

    async def __aexit__(self, *_: object) -> None:
        journal = journal_of(self._path)
        left = journal.read_bytes()
        await self._store.close()
        journal.write_bytes(left)


async def dies(path: Path, hand: Hand, *, alone: bool = False) -> Lease:
    """Over the job that is claimed first."""
    async with Process(path, hand) as store:
        hand.turn(LATER_S)
        await store.promote(10)
        lease, *_ = await claim(store)
        store.journal.begin(lease, alone=alone)
        return lease


async def a_suspect(path: Path, hand: Hand, *, deaths: int) -> str:
    """Of a job over which processes died while it was alone in hand: its id."""
    async with Process(path, hand) as store:
        await submit(store, new_job())
    for _ in range(SUSPECT_AFTER):
        await dies(path, hand)
    for _ in range(deaths):
        lease = await dies(path, hand, alone=True)
    return lease.job_id


async def test_what_was_being_fetched_loses_and_the_rest_goes_back_at_once(path: Path, hand: Hand) -> None:
    async with Process(path, hand) as store:
        await submit(store, *(new_job(number) for number in range(4)))
        begun, ended, waiting, settled = await claim(store)
        store.journal.begin(begun, alone=False)
        store.journal.end(store.journal.begin(ended, alone=False))
        place = store.journal.begin(settled, alone=False)
        await settle(store, done(settled))
        store.journal.end(place)
        before = [await now(store, lease.job_id) for lease in (begun, ended, waiting, settled)]
    async with Process(path, hand) as store:
        after = [await now(store, job.id) for job in before]
        opened_at = after[0].updated_at
        assert after == [
            before[0].given_back(now=opened_at, lost=True),
            before[1].given_back(now=opened_at),
            before[2].given_back(now=opened_at),
            before[3],
        ]
        assert [job.losses for job in after] == [1, 0, 0, 0]
        assert store.recovered == {"lost_in_company": 1, "unharmed": 2}
        assert [(lease.fence, lease.losses) for lease in await claim(store)] == [(2, 1), (2, 0), (2, 0)]
    assert check(path) == []


async def test_a_note_of_an_older_claim_says_nothing(path: Path, hand: Hand) -> None:
    async with Process(path, hand) as store:
        await submit(store, new_job())
        (older,) = await claim(store)
        store.journal.begin(older, alone=False)
        await store.give_back([older])
        (later,) = await claim(store)
    async with Process(path, hand) as store:
        assert (await now(store, later.job_id)).losses == 0


async def test_deaths_in_company_make_a_suspect_and_no_more(path: Path, hand: Hand) -> None:
    async with Process(path, hand) as store:
        await submit(store, new_job())
    leases = [await dies(path, hand) for _ in range(POISON_AFTER + 2)]
    assert [lease.losses for lease in leases] == [0, 1, *([SUSPECT_AFTER] * POISON_AFTER)]
    assert [lease.is_suspect for lease in leases[:3]] == [False, False, True]


async def test_a_suspect_that_died_alone_too_often_is_poison_with_its_history(path: Path, hand: Hand) -> None:
    job_id = await a_suspect(path, hand, deaths=DEATHS_ALONE)
    async with Process(path, hand) as store:
        job = await now(store, job_id)
        assert (job.status, job.error_type, job.losses, job.attempts) == (Status.FAILED, "poison", POISON_AFTER, 0)
        assert store.recovered == {"poison": 1}
        assert job.error_message is not None
        assert "5 times in a row" in job.error_message
        assert await claim(store) == []
    assert check(path) == []


async def test_what_a_start_ends_it_tells_and_the_next_start_does_not(path: Path, hand: Hand) -> None:
    """And what a batch stops with it."""
    await a_suspect(path, hand, deaths=DEATHS_ALONE - 1)
    async with Process(path, hand) as store:
        batch = Batch(id="batch_1", total=3, created_at=START, parallel_limit=1, stop_on_error=True)
        jobs = tuple(new_job(number, method="POST", batch_id=batch.id) for number in range(1, 4))
        await store.commit([Submit(jobs=jobs, batch=batch)])
        (unsafe,) = await claim(store)
        hand.turn(LATER_S)
        await store.promote(10)
        (suspect,) = await claim(store)
        store.journal.begin(unsafe, alone=False)
        store.journal.begin(suspect, alone=True)
    lives = [Process(path, hand) for _ in range(2)]
    for life in lives:
        async with life:
            pass
    told = {ErrorType.POISON: 1, ErrorType.CONNECTION_LOST: 1, ErrorType.CANCELLED: 2}
    assert [life.ends for life in lives] == [told, {}]


async def test_an_outcome_clears_a_suspect(path: Path, hand: Hand) -> None:
    await a_suspect(path, hand, deaths=1)
    async with Process(path, hand) as store:
        hand.turn(LATER_S)
        await store.promote(1)
        (lease,) = await claim(store)
        assert lease.losses == SUSPECT_AFTER + 1
        await settle(store, put_off(lease, hand.now() + 1))
        hand.turn(1)
        await store.promote(1)
    assert (await dies(path, hand)).losses == 0


async def test_suspects_of_one_death_come_one_by_one_and_later_with_each_death_alone(path: Path, hand: Hand) -> None:
    async with Process(path, hand) as store:
        await submit(store, *(new_job(number, created_at=START) for number in range(3)))
    for _ in range(SUSPECT_AFTER):
        async with Process(path, hand) as store:
            for lease in await claim(store):
                store.journal.begin(lease, alone=False)
    async with Process(path, hand) as store:
        jobs = [await now(store, f"job_000{number}") for number in range(3)]
        assert [job.due_at for job in jobs] == [hand.now() + put_off_s(2) + STEP_S * place for place in range(3)]
        assert [await claim(store), (await store.queue()).delayed] == [[], 3]
    async with Process(path, hand) as store:
        hand.turn(put_off_s(2) + STEP_S)
        await store.promote(10)
        assert len(await claim(store)) == 2
    async with Process(path, hand) as store:
        assert [await claim(store), (await store.queue()).delayed] == [[], 3]
        hand.turn(put_off_s(2))
        await store.promote(10)
        (lease,) = await claim(store)
        store.journal.begin(lease, alone=True)
    async with Process(path, hand) as store:
        assert (await now(store, lease.job_id)).due_at == hand.now() + put_off_s(3)
    assert check(path) == []


async def dies_in_company(path: Path, hand: Hand) -> None:
    async with Process(path, hand) as store:
        await submit(store, new_job(5))
        lease, *_ = await claim(store)
        store.journal.begin(lease, alone=False)


async def dies_idle(path: Path, hand: Hand) -> None:
    async with Process(path, hand):
        pass


async def leaves_no_journal(path: Path, hand: Hand) -> None:
    await dies_idle(path, hand)
    journal_of(path).unlink()


async def ends_in_order(path: Path, hand: Hand) -> None:
    store = await SqliteStore.open(path, write=inline, read=inline, clock=hand.clock())
    await store.close()


@pytest.mark.parametrize(
    ("lives", "losses"),
    [
        (dies_in_company, SUSPECT_AFTER),
        (dies_idle, SUSPECT_AFTER),
        (leaves_no_journal, SUSPECT_AFTER),
        (ends_in_order, 4),
    ],
)
async def test_a_death_with_no_suspect_alone_in_hand_acquits_and_an_orderly_end_does_not(
    path: Path, hand: Hand, lives: Callable[[Path, Hand], Awaitable[None]], losses: int
) -> None:
    job_id = await a_suspect(path, hand, deaths=DEATHS_ALONE - 1)
    await lives(path, hand)
    async with Process(path, hand) as store:
        assert (await now(store, job_id)).losses == losses
    assert check(path) == []


async def test_the_history_of_poison_stays(path: Path, hand: Hand) -> None:
    job_id = await a_suspect(path, hand, deaths=DEATHS_ALONE)
    await dies_idle(path, hand)
    async with Process(path, hand) as store:
        assert (await now(store, job_id)).losses == POISON_AFTER


async def test_two_deadly_pages_that_take_turns_are_both_poison(path: Path, hand: Hand) -> None:
    async with Process(path, hand) as store:
        await submit(store, new_job(0), new_job(1))
    for _ in range(SUSPECT_AFTER):
        async with Process(path, hand) as store:
            hand.turn(LATER_S)
            await store.promote(10)
            for lease in await claim(store):
                store.journal.begin(lease, alone=False)
    turns = [(await dies(path, hand, alone=True)).job_id for _ in range(2 * DEATHS_ALONE)]
    assert turns == ["job_0000", "job_0001"] * DEATHS_ALONE
    async with Process(path, hand) as store:
        assert [(await now(store, f"job_000{number}")).error_type for number in range(2)] == ["poison"] * 2


LEAVE_NO_JOURNAL: dict[str, Callable[[Path], object]] = {
    "gone": Path.unlink,
    "emptied": lambda journal: journal.write_bytes(b""),
    "of another run of the machine": lambda journal: journal.write_bytes(b"x" + journal.read_bytes()[1:]),
}


@pytest.mark.parametrize("how", LEAVE_NO_JOURNAL)
async def test_without_a_journal_what_may_have_been_sent_is_not_sent_again(path: Path, hand: Hand, how: str) -> None:
    async with Process(path, hand) as store:
        await submit(store, new_job(1), UNSAFE)
        await claim(store)
    LEAVE_NO_JOURNAL[how](journal_of(path))
    async with Process(path, hand) as store:
        safe, unsafe = await now(store, "job_0001"), await now(store, UNSAFE.id)
        assert (safe.status, safe.losses) == (Status.QUEUED, 0)
        assert (unsafe.status, unsafe.error_type) == (Status.FAILED, ErrorType.CONNECTION_LOST)


@pytest.mark.parametrize(
    ("has_begun", "options", "status"),
    [
        (True, Options(), Status.FAILED),
        (True, Options(retry_unsafe=True), Status.QUEUED),
        (False, Options(), Status.QUEUED),
    ],
)
async def test_what_must_not_be_sent_again_fails_only_if_it_may_have_been_sent(
    path: Path, hand: Hand, *, has_begun: bool, options: Options, status: Status
) -> None:
    async with Process(path, hand) as store:
        await submit(store, new_job(method="POST", request={"options": options}))
        (lease,) = await claim(store)
        if has_begun:
            store.journal.begin(lease, alone=False)
        running = await now(store, lease.job_id)
    async with Process(path, hand) as store:
        job = await now(store, lease.job_id)
        assert job == running.given_back(now=hand.now(), lost=has_begun)
        assert job.status is status
