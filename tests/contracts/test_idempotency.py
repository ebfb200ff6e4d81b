"""What every JobStore promises of keys: one submit a key for a day, decided in the commit."""

import asyncio

import pytest

from engine.errors import RefusedDataError
from engine.jobs.command import Cancel, Command, Redrive, Submit
from engine.jobs.once import KEPT_S, Once
from engine.jobs.ports import JobStore
from tests.contracts.jobs import claim, done, new_job, settle
from tests.contracts.stores import Hand

UNSTORABLE = ["nul \0", "lone \ud800"]


def once(number: int, *, key: str = "k", digest: str = "d") -> Once:
    return Once(key=key, digest=digest, answer=f'{{"job_id": "job_{number:04}"}}')


def keyed(number: int, *, key: str = "k", digest: str = "d") -> Submit:
    return Submit(jobs=(new_job(number),), once=once(number, key=key, digest=digest))


async def ids(store: JobStore) -> list[str]:
    found = [await store.get(f"job_{number:04}") for number in range(10)]
    return [job.id for job in found if job is not None]


async def test_the_first_of_a_key_is_kept_and_answers_for_all_that_follow(store: JobStore) -> None:
    assert list(await store.commit([keyed(1)])) == [None]
    assert list(await store.commit([keyed(2), keyed(3, digest="other")])) == [once(1), once(1)]
    assert await ids(store) == ["job_0001"]
    assert sum((await store.counts()).values()) == 1


async def test_twins_in_one_commit_are_one_job(store: JobStore) -> None:
    plain = Submit(jobs=(new_job(4),))
    commands: list[Command] = [keyed(1), keyed(2), plain, Cancel(job_id="job_none"), keyed(3), keyed(5, key="other")]
    assert list(await store.commit(commands)) == [None, once(1), None, None, once(1), None]
    assert await ids(store) == ["job_0001", "job_0004", "job_0005"]


async def test_twins_that_meet_are_one_job(store: JobStore) -> None:
    answers = await asyncio.gather(*(store.commit([keyed(number)]) for number in range(5)))
    assert sorted(answer is None for (answer,) in answers) == [False] * 4 + [True]
    assert len(await ids(store)) == 1


async def test_a_submit_seen_before_is_no_twin_of_itself(store: JobStore) -> None:
    command = keyed(1)
    assert list(await store.commit([command, command])) == [None, None]
    assert list(await store.commit([command])) == [None]
    assert await ids(store) == ["job_0001"]


async def test_a_key_is_kept_for_a_day_and_then_forgotten(store: JobStore, hand: Hand) -> None:
    await store.commit([keyed(1), keyed(2, key="other")])
    hand.turn(KEPT_S - 1)
    assert list(await store.commit([keyed(3)])) == [once(1)]
    assert await store.tidy(10) == 0
    hand.turn(1)
    assert list(await store.commit([keyed(3)])) == [None]
    assert list(await store.commit([keyed(4)])) == [once(3)]
    assert [await store.tidy(10), await store.tidy(10)] == [1, 0]
    hand.turn(KEPT_S)
    assert list(await store.commit([keyed(5)])) == [None]


async def test_keys_past_their_time_are_removed_in_bounded_steps(store: JobStore, hand: Hand) -> None:
    await store.commit([keyed(number, key=f"k{number}") for number in range(5)])
    hand.turn(KEPT_S)
    assert [await store.tidy(3) for _ in range(3)] == [3, 2, 0]


async def test_the_answer_stays_what_it_was_whatever_became_of_the_job(store: JobStore) -> None:
    await store.commit([keyed(1)])
    (lease,) = await claim(store)
    await settle(store, done(lease))
    assert list(await store.commit([keyed(2)])) == [once(1)]
    await store.commit([Cancel(job_id="job_0001"), Redrive(job_ids=("job_0001",))])
    assert list(await store.commit([keyed(2)])) == [once(1)]


@pytest.mark.parametrize("text", UNSTORABLE)
async def test_what_was_refused_left_no_key_behind(store: JobStore, text: str) -> None:
    bad = Submit(jobs=(new_job(1, path=text),), once=once(1))
    with pytest.raises(RefusedDataError):
        await store.commit([keyed(2, key="good"), bad])
    assert list(await store.commit([keyed(3), keyed(4, key="good")])) == [None, None]
    assert await ids(store) == ["job_0003", "job_0004"]


@pytest.mark.parametrize("text", UNSTORABLE)
async def test_a_key_that_cannot_be_stored_is_refused(store: JobStore, text: str) -> None:
    with pytest.raises(RefusedDataError):
        await store.commit([keyed(1, key=text)])
    assert await ids(store) == []
