"""Who lives takes over what others on its machine leave when they die, and what came after them."""

from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from time import time

import pytest

from engine.jobs.command import BeginAlone
from engine.jobs.losses import POISON_AFTER, SUSPECT_AFTER, put_off_s
from engine.jobs.outcome import ErrorType
from engine.jobs.status import Status
from engine.runtime import inline
from engine.storage.hands import SECOND_LOOK_S, SUFFIX, journal_of_owner
from engine.storage.journal import HandJournal
from engine.storage.postgres import LocalHeir, PostgresStore
from engine.storage.slots import EMPTY, SLOT_BYTES, head
from tests.contracts.jobs import LEASE_S, claim, new_job, now, submit
from tests.contracts.stores import Hand, postgres

DEAD = "worker_dead"


class Machine:
    """A folder of journals, with a wall clock that is turned by hand."""

    def __init__(self, store: PostgresStore, folder: Path) -> None:
        self.folder = folder
        self.told: list[Mapping[str, int]] = []
        self.wall_s = time()
        self.heir = LocalHeir(
            store=store,
            folder=folder,
            look=inline,
            wall=lambda: self.wall_s,
            tell=self.told.append,
        )

    def journal(self) -> HandJournal:
        """Of a process that holds no lock any more."""
        return HandJournal(self.folder / f"{DEAD}{SUFFIX}")

    def left(self) -> list[str]:
        return sorted(path.name for path in self.folder.iterdir())

    async def look_again(self) -> None:
        self.wall_s += SECOND_LOOK_S + 1.0
        await self.heir.take_over()


@pytest.fixture
def ends() -> Counter[ErrorType]:
    return Counter()


@pytest.fixture
async def store(tmp_path: Path, hand: Hand, ends: Counter[ErrorType]) -> AsyncIterator[PostgresStore]:
    async with postgres(tmp_path, hand, ended=ends.update) as found:
        yield found


@pytest.fixture
def machine(store: PostgresStore, tmp_path: Path) -> Machine:
    folder = tmp_path / "machine"
    folder.mkdir()
    return Machine(store, folder)


async def test_what_the_dead_had_is_taken_back_at_once_by_who_lives(
    store: PostgresStore, machine: Machine, ends: Counter[ErrorType]
) -> None:
    await submit(store, new_job(0), new_job(1), new_job(2, method="POST"), new_job(3, method="POST"))
    leases = await claim(store, owner=DEAD)
    journal = machine.journal()
    for begun in (leases[0], leases[2]):
        journal.begin(begun, alone=False)
    await machine.heir.take_over()
    jobs = [await now(store, lease.job_id) for lease in leases]
    assert [(job.status, job.losses) for job in jobs] == [
        (Status.QUEUED, 1),
        (Status.QUEUED, 0),
        (Status.FAILED, 1),
        (Status.QUEUED, 0),
    ]
    assert machine.told == [{"lost_in_company": 1, "unharmed": 2, "unrepeatable": 1}]
    await machine.look_again()
    assert ends == {ErrorType.CONNECTION_LOST: 1}


async def test_a_claim_that_was_written_after_its_sender_died_is_taken_back_without_a_loss(
    store: PostgresStore, machine: Machine
) -> None:
    machine.journal()
    await machine.heir.take_over()
    await submit(store, new_job(0, method="POST"))
    (late,) = await claim(store, owner=DEAD)
    await machine.heir.take_over()
    assert (await now(store, late.job_id)).status is Status.RUNNING
    await machine.look_again()
    job = await now(store, late.job_id)
    assert (job.status, job.losses, machine.told) == (Status.QUEUED, 0, [{"unharmed": 1}])
    assert machine.left() == []


async def test_who_lives_keeps_what_it_has(store: PostgresStore, machine: Machine) -> None:
    await submit(store, new_job(0))
    with ExitStack() as stack:
        stack.enter_context(journal_of_owner(machine.folder, DEAD))
        (lease,) = await claim(store, owner=DEAD)
        for _ in range(2):
            await machine.look_again()
        assert (await now(store, lease.job_id)).status is Status.RUNNING
    assert (machine.told, machine.left()) == ([], [])


async def test_one_death_acquits_once(store: PostgresStore, machine: Machine, hand: Hand) -> None:
    """What comes between the two looks at it is held against a suspect as ever."""
    suspect = await _died_alone(store, hand)
    machine.journal()
    await machine.heir.take_over()
    assert (await now(store, suspect)).losses == SUSPECT_AFTER
    await _dies_alone(store, hand)
    await machine.look_again()
    assert (machine.left(), (await now(store, suspect)).losses) == ([], SUSPECT_AFTER + 1)


async def test_who_is_put_off_stays_acquitted(store: PostgresStore, machine: Machine, hand: Hand) -> None:
    suspect = await _died_alone(store, hand)
    hand.turn(put_off_s(POISON_AFTER))
    await store.promote(1)
    claimed_before = await claim(store)
    machine.journal()
    await machine.heir.take_over()
    await store.put_off(claimed_before, before=0)
    job = await now(store, suspect)
    assert (job.losses, job.is_scheduled) == (SUSPECT_AFTER, True)


async def test_a_journal_of_another_boot_is_trusted_by_nobody(store: PostgresStore, machine: Machine) -> None:
    await submit(store, new_job(0), new_job(1, method="POST"))
    await claim(store, owner=DEAD)
    (machine.folder / f"{DEAD}{SUFFIX}").write_bytes(head(b"another boot") + EMPTY * SLOT_BYTES)
    await machine.look_again()
    assert machine.told == [{"unharmed": 1, "unrepeatable": 1}]
    assert machine.left() == []


async def _died_alone(store: PostgresStore, hand: Hand) -> str:
    """A job that is a suspect, and has one death more."""
    await submit(store, new_job(0))
    for _ in range(SUSPECT_AFTER):
        await store.give_back(await claim(store), lost=True)
    await _dies_alone(store, hand)
    return "job_0000"


async def _dies_alone(store: PostgresStore, hand: Hand) -> None:
    hand.turn(put_off_s(POISON_AFTER))
    await store.promote(1)
    (lease,) = await claim(store)
    await store.commit([BeginAlone(job_id=lease.job_id, fence=lease.fence)])
    hand.turn(LEASE_S)
    await store.rescue(1)
