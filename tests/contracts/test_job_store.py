"""What every JobStore promises of a job's way: submit, claim, settle, and what goes wrong between."""

import asyncio
from collections import Counter
from typing import Any

import pytest

from engine.errors import RefusedDataError
from engine.jobs.command import BeginAlone, Cancel, Command, KeepChunk, Submit
from engine.jobs.job import PRIORITY_STRETCH_S, Batch, Job
from engine.jobs.lease import Lease
from engine.jobs.losses import (
    DEATHS_ALONE,
    POISON_AFTER,
    POISONED,
    SUSPECT_AFTER,
    SUSPECTS_AT_ONCE,
    is_suspect,
    put_off_s,
)
from engine.jobs.outcome import Chunks, ErrorType, Extraction
from engine.jobs.ports import JobStore
from engine.jobs.query import JobQuery, Result, Settled
from engine.jobs.request import Options, Selector
from engine.jobs.status import Status
from engine.jobs.trace import TraceContext
from engine.jobs.verdict import Settlement
from tests.contracts.jobs import (
    FULL_REQUEST,
    LEASE_S,
    body_of,
    claim,
    claim_one,
    done,
    failed,
    new_job,
    now,
    page_with,
    put_off,
    settle,
    submit,
)
from tests.contracts.stores import START, Hand

REFUSED = Settled(accepted=False, status=Status.QUEUED)
UNSTORABLE = ["nul \0", "lone \ud800"]


@pytest.mark.parametrize(
    "job",
    [
        new_job(),
        new_job(priority=-3, tags=("a", "ü"), batch_id="batch_1", scraper_type="browser", request=FULL_REQUEST),
        new_job(due_at=START + 60.123456),
        new_job(request={"options": Options(extract={"title": Selector(css="h1", attr="id", all=True)})}),
        new_job(request={"trace": TraceContext(f"00-{'1' * 32}-{'2' * 16}-00")}),
    ],
    ids=["plain", "full", "scheduled", "extracting", "traced"],
)
async def test_a_job_comes_back_as_it_was_submitted(store: JobStore, job: Job) -> None:
    assert list(await store.commit([Submit(jobs=(job,))])) == [None]
    assert await store.get(job.id) == job
    assert await store.result(job.id) == Result(job=job, page=None)
    assert await body_of(store, job.id) == []


async def test_what_is_unknown_is_none(store: JobStore) -> None:
    assert await store.get("job_none") is None
    assert await store.result("job_none") is None
    assert await store.wait_until_final("job_none", 1.0) is None
    assert list(await store.commit([Cancel(job_id="job_none")])) == [None]
    assert await body_of(store, "job_none") == []


async def test_a_submit_seen_before_changes_nothing(store: JobStore) -> None:
    command = Submit(jobs=(new_job(1), new_job(2)), batch=Batch(id="batch_1", total=2, created_at=START))
    await store.commit([command, command])
    await settle(store, done((await claim(store))[0]))
    await store.commit([command])
    assert (await now(store, "job_0001")).status is Status.COMPLETED
    assert (await store.counts())[Status.COMPLETED] == 1
    assert sum((await store.counts()).values()) == 2


async def test_of_a_submit_that_was_seen_in_part_the_rest_is_new(store: JobStore) -> None:
    await submit(store, new_job(1, tags=("red",)))
    await settle(store, done((await claim(store))[0]))
    await store.commit([Submit(jobs=(new_job(1, tags=("blue",)), new_job(2, tags=("blue",))))])
    assert (await now(store, "job_0001")).tags == ("red",)
    assert [lease.job_id for lease in await claim(store)] == ["job_0002"]
    assert [job.id for job in (await store.find(JobQuery(tags=("blue",)))).jobs] == ["job_0002"]
    assert {status: n for status, n in (await store.counts()).items() if n} == {Status.COMPLETED: 1, Status.RUNNING: 1}


async def test_a_claim_carries_all_that_a_fetch_needs(store: JobStore, hand: Hand) -> None:
    job = new_job(request=FULL_REQUEST)
    lease = await claim_one(store, job)
    assert (lease.request, lease.until, lease.attempts, lease.losses) == (job.request, hand.now() + LEASE_S, 0, 0)
    running = job.claimed(now=hand.now(), until=lease.until)
    assert await store.get(job.id) == running


async def test_a_job_that_is_known_stays_as_it_is_and_those_with_it_come_once(store: JobStore) -> None:
    lease = await claim_one(store, new_job(1))
    known, new = new_job(1, priority=5), new_job(2)
    await store.commit([Submit(jobs=(known, new)), Submit(jobs=(new,))])
    assert (await now(store, lease.job_id)).priority == 0
    counts = await store.counts()
    assert (counts[Status.RUNNING], counts[Status.QUEUED]) == (1, 1)
    assert [found.job_id for found in await claim(store)] == [new.id]


async def test_no_job_is_claimed_twice(store: JobStore) -> None:
    await submit(store, *(new_job(number) for number in range(10)))
    claims = await asyncio.gather(*(claim(store, 3) for _ in range(5)))
    assert sorted(lease.job_id for leases in claims for lease in leases) == [f"job_{n:04}" for n in range(10)]


async def test_lanes_come_in_turn_however_full_they_are(store: JobStore) -> None:
    await submit(store, *(new_job(number, host="busy.test") for number in range(50)))
    await submit(store, *(new_job(number, host="quiet.test") for number in range(50, 53)))
    hosts = [lease.request.host for _ in range(3) for lease in await claim(store, 2)]
    assert hosts == ["busy.test", "quiet.test"] * 3


async def test_room_that_one_lane_cannot_fill_goes_to_the_others(store: JobStore) -> None:
    await submit(store, new_job(1, host="a.test"), *(new_job(number, host="b.test") for number in range(2, 30)))
    hosts = [lease.request.host for lease in await claim(store, 20)]
    assert (hosts.count("a.test"), hosts.count("b.test")) == (1, 19)


async def test_a_batch_is_a_lane_of_its_own(store: JobStore) -> None:
    await submit(store, *(new_job(number, batch_id="batch_1") for number in range(20)), new_job(20))
    assert "job_0020" in {lease.job_id for lease in await claim(store, 2)}


async def test_within_a_lane_priority_goes_first_until_others_have_waited_long(store: JobStore) -> None:
    later = 1 + int(PRIORITY_STRETCH_S)
    await submit(store, new_job(0), new_job(1, priority=1), new_job(2, priority=-1), new_job(later + 2, priority=1))
    order = [(await claim(store, 1))[0].job_id for _ in range(4)]
    assert order == ["job_0001", "job_0000", f"job_{later + 2:04}", "job_0002"]


async def test_a_scheduled_job_waits_for_its_time_and_its_promotion(store: JobStore, hand: Hand) -> None:
    await submit(store, new_job(due_at=hand.now() + 10))
    assert (await store.promote(10), await claim(store)) == (0, [])
    hand.turn(10)
    assert await store.promote(10) == 1
    assert len(await claim(store)) == 1


async def test_promotion_takes_the_earliest_up_to_its_limit(store: JobStore, hand: Hand) -> None:
    await submit(store, *(new_job(number, due_at=hand.now() + 10 - number) for number in range(5)))
    hand.turn(10)
    assert await store.promote(2) == 2
    assert {lease.job_id for lease in await claim(store)} == {"job_0003", "job_0004"}


SETTLEMENTS: dict[str, tuple[Any, Any]] = {
    "completed": (done, lambda job, at: job.completed(now=at, ran_s=0.5)),
    "failed": (
        failed,
        lambda job, at: job.failed(now=at, ran_s=0.0, error_type=ErrorType.CONNECT, message="it failed"),
    ),
    "failed with a page": (
        lambda lease: failed(lease, page_with(status_code=503)),
        lambda job, at: job.failed(now=at, ran_s=0.5, error_type=ErrorType.CONNECT, message="it failed"),
    ),
    "put off": (
        lambda lease: put_off(lease, START + 99.25),
        lambda job, at: job.retrying(
            now=at, due_at=START + 99.25, ran_s=0.25, error_type=ErrorType.CONNECT, message="later"
        ),
    ),
}


@pytest.mark.parametrize("kind", SETTLEMENTS)
async def test_an_outcome_moves_its_job_once_and_again_is_accepted(store: JobStore, hand: Hand, kind: str) -> None:
    build, move = SETTLEMENTS[kind]
    lease = await claim_one(store)
    running = await now(store, lease.job_id)
    hand.turn(5)
    settlement: Settlement = build(lease)
    expected: Job = move(running, hand.now())
    accepted = Settled(accepted=True, status=expected.status)
    assert list(await store.settle([settlement, settlement])) == [accepted, accepted]
    hand.turn(5)
    assert await settle(store, settlement) == accepted
    assert await store.result(lease.job_id) == Result(job=expected, page=settlement.page)
    assert sum((await store.counts()).values()) == 1


async def test_a_lease_that_is_lost_spoils_no_other_outcome_of_its_batch(store: JobStore, hand: Hand) -> None:
    await submit(store, *map(new_job, range(4)))
    leases = await claim(store)
    await store.commit([Cancel(job_id=leases[1].job_id)])
    ways = [done(leases[0]), done(leases[1]), failed(leases[2]), put_off(leases[3], hand.now() + 9)]
    expected = [Status.COMPLETED, Status.CANCELLED, Status.FAILED, Status.QUEUED]
    for _ in range(2):
        ends = await store.settle(ways)
        assert ends == [Settled(accepted=each is not Status.CANCELLED, status=each) for each in expected]
    assert [(await now(store, lease.job_id)).attempts for lease in leases] == [1, 0, 1, 1]
    assert await store.counts() == dict.fromkeys(Status, 0) | dict.fromkeys(expected, 1)
    assert [await body_of(store, lease.job_id) for lease in leases] == [[page_with().body], [], [], []]


async def test_a_retry_goes_on_where_it_was(store: JobStore, hand: Hand) -> None:
    lease = await claim_one(store)
    await settle(store, put_off(lease, hand.now() + 5))
    hand.turn(5)
    await store.promote(10)
    (again,) = await claim(store)
    assert (again.fence, again.attempts, again.ran_s) == (2, 1, 0.25)
    assert await settle(store, done(lease)) == Settled(accepted=False, status=Status.RUNNING)
    assert await settle(store, done(again)) == Settled(accepted=True, status=Status.COMPLETED)


@pytest.mark.parametrize("from_cache", [False, True])
async def test_a_page_comes_back_whole(store: JobStore, from_cache: bool) -> None:  # noqa: FBT001 - by the parameter's name
    page = page_with(
        bytes(range(256)) * 100,
        headers=(("Set-Cookie", "a"), ("Set-Cookie", "b")),
        charset=None,
        from_cache=from_cache,
        extraction=Extraction(text="t", links=("http://a.test/",), fields={"x": ["1"], "y": None}),
    )
    lease = await claim_one(store)
    await settle(store, done(lease, page))
    result = await store.result(lease.job_id)
    assert result is not None
    assert result.page == page
    assert await body_of(store, lease.job_id) == [page.body]


async def test_a_large_body_becomes_the_result_of_the_fence_that_settles(store: JobStore) -> None:
    lease = await claim_one(store)
    pieces = [KeepChunk(job_id=lease.job_id, fence=1, seq=seq, data=b"%d" % seq * 9000) for seq in range(3)]
    await store.commit([*pieces, pieces[1], *pieces])
    page = page_with(b"", chunks=Chunks(count=3, sha256="5f"))
    await settle(store, done(lease, page))
    await store.tidy(100)
    assert await body_of(store, lease.job_id) == [piece.data for piece in pieces]
    result = await store.result(lease.job_id)
    assert result is not None
    assert result.page == page


async def test_pieces_of_a_fence_that_did_not_settle_are_swept(store: JobStore) -> None:
    lease = await claim_one(store)
    await store.commit([KeepChunk(job_id=lease.job_id, fence=1, seq=seq, data=b"first") for seq in range(5)])
    assert await store.tidy(100) == 0
    await store.give_back([lease])
    (again,) = await claim(store)
    await store.commit([KeepChunk(job_id=lease.job_id, fence=2, seq=0, data=b"second")])
    assert [await store.tidy(3) for _ in range(3)] == [3, 2, 0]
    await settle(store, done(again, page_with(b"", chunks=Chunks(count=1, sha256="5f"))))
    assert await body_of(store, lease.job_id) == [b"second"]


async def test_cancelling_answers_with_the_job_as_it_is_then(store: JobStore, hand: Hand) -> None:
    await submit(store, new_job(1), new_job(2, due_at=hand.now() + 50), new_job(3, host="c.test"))
    (lease, other) = await claim(store)
    await settle(store, done(other))
    before = [await now(store, f"job_000{number}") for number in (1, 2, 3)]
    hand.turn(1)
    answers = await store.commit([Cancel(job_id=job.id) for job in before])
    final = [await now(store, job.id) for job in before]
    assert list(answers) == final
    assert final == [before[0].cancelled(now=hand.now()), before[1].cancelled(now=hand.now()), before[2]]
    assert lease.job_id == "job_0001"
    assert (await store.queue()).delayed == 0


async def test_a_cancelled_fetch_settles_no_more_and_is_not_renewed(store: JobStore) -> None:
    lease = await claim_one(store)
    await store.commit([Cancel(job_id=lease.job_id)])
    assert await settle(store, done(lease)) == Settled(accepted=False, status=Status.CANCELLED)
    assert list(await store.renew([lease], lease_s=LEASE_S)) == [lease]
    assert await store.result(lease.job_id) == Result(job=await now(store, lease.job_id), page=None)


async def test_commands_are_done_in_their_order(store: JobStore) -> None:
    cancel = Cancel(job_id="job_0000")
    commands: list[Command] = [cancel, Submit(jobs=(new_job(),)), cancel]
    unknown, submitted, cancelled = await store.commit(commands)
    assert (unknown, submitted) == (None, None)
    assert isinstance(cancelled, Job)
    assert cancelled.status is Status.CANCELLED


async def test_a_lease_that_is_renewed_is_not_rescued(store: JobStore, hand: Hand) -> None:
    await submit(store, new_job(1), new_job(2))
    kept, ended = await claim(store)
    hand.turn(LEASE_S / 2)
    assert list(await store.renew([kept], lease_s=LEASE_S)) == []
    hand.turn(LEASE_S / 2)
    assert await store.rescue(10) == 1
    assert list(await store.renew([kept, ended], lease_s=LEASE_S)) == [ended]
    assert await settle(store, done(ended)) == REFUSED
    assert (await now(store, ended.job_id)).losses == 1
    assert await settle(store, done(kept)) == Settled(accepted=True, status=Status.COMPLETED)


async def test_rescue_takes_those_first_that_ended_first(store: JobStore, hand: Hand) -> None:
    await submit(store, *(new_job(number) for number in range(4)))
    for _ in range(4):
        await claim(store, 1)
        hand.turn(1)
    hand.turn(LEASE_S)
    assert [await store.rescue(3), await store.rescue(3)] == [3, 1]


async def test_what_a_process_has_in_hand_it_does_not_rescue_from_itself(store: JobStore, hand: Hand) -> None:
    await submit(store, new_job(1), new_job(2))
    kept, ended = await claim(store)
    hand.turn(LEASE_S)
    assert [await store.rescue(10, keeping=[kept]), await store.rescue(10, keeping=[kept])] == [1, 0]
    assert list(await store.renew([kept, ended], lease_s=LEASE_S)) == [ended]
    assert await settle(store, done(kept)) == Settled(accepted=True, status=Status.COMPLETED)


@pytest.mark.parametrize("how", ["rescue", "give_back"])
async def test_losses_make_a_suspect_that_is_put_off_and_no_more_and_an_outcome_clears_it(
    store: JobStore, hand: Hand, how: str
) -> None:
    await submit(store, new_job(priority=1))
    seen = []
    for _ in range(4):
        (lease,) = await claim(store)
        running = await now(store, lease.job_id)
        seen.append((lease.losses, lease.is_suspect))
        hand.turn(LEASE_S)
        await (store.rescue(10) if how == "rescue" else store.give_back([lease], lost=True))
        lost = await now(store, lease.job_id)
        is_counted = how == "give_back" or not lease.is_suspect  # the fetch of a suspect is written down
        assert lost == running.given_back(now=hand.now(), lost=is_counted)
        if lost.is_scheduled:
            assert (list(await claim(store)), (await store.queue()).delayed) == ([], 1)
            hand.turn(put_off_s(lost.losses))
            assert await store.promote(10) == 1
    assert seen == [(0, False), (1, False), (2, True), (2, True)]
    (lease,) = await claim(store)
    if how == "give_back":
        assert (lease.delay_us, lease.queue_us) == (put_off_s(SUSPECT_AFTER) * 1e6, 0)
    await settle(store, put_off(lease, hand.now() + 1))
    assert (await now(store, lease.job_id)).losses == 0


async def _suspect(store: JobStore, hand: Hand) -> Lease:
    """A job that comes again after its leases ended too often."""
    await submit(store, new_job())
    for _ in range(SUSPECT_AFTER):
        await claim(store)
        await _end(store, hand)
    return await _again(store, hand)


async def _end(store: JobStore, hand: Hand) -> None:
    hand.turn(LEASE_S)
    await store.rescue(100)


async def _again(store: JobStore, hand: Hand) -> Lease:
    hand.turn(put_off_s(POISON_AFTER))
    await store.promote(1)
    (lease,) = await claim(store, 1)
    return lease


async def test_what_ends_leases_again_and_again_while_it_is_fetched_alone_is_poison(
    store: JobStore, hand: Hand, ends: Counter[ErrorType]
) -> None:
    lease = await _suspect(store, hand)
    losses = []
    for _ in range(DEATHS_ALONE - 1):
        assert list(await store.commit([BeginAlone(job_id=lease.job_id, fence=lease.fence)])) == [None]
        await _end(store, hand)
        lease = await _again(store, hand)
        losses.append(lease.losses)
    await store.commit([BeginAlone(job_id=lease.job_id, fence=lease.fence)])
    assert ends == {}
    await _end(store, hand)
    poison = await now(store, lease.job_id)
    assert losses == [*range(SUSPECT_AFTER + 1, POISON_AFTER)]
    assert (poison.status, poison.error_type, poison.losses) == (Status.FAILED, ErrorType.POISON, POISON_AFTER)
    assert poison.error_message == POISONED
    assert ends == {ErrorType.POISON: 1}


async def test_the_end_of_a_lease_is_held_against_no_suspect_whose_fetch_had_not_begun_under_it(
    store: JobStore, hand: Hand
) -> None:
    lease = await _suspect(store, hand)
    await store.commit([BeginAlone(job_id=lease.job_id, fence=lease.fence)])
    await store.give_back([lease])
    (lease,) = await claim(store)
    before = [lease.fence - 1, lease.fence + 1]
    await store.commit([BeginAlone(job_id=lease.job_id, fence=fence) for fence in before])
    await store.commit([BeginAlone(job_id="job_none", fence=1)])
    await _end(store, hand)
    (again,) = await claim(store)
    assert (again.job_id, again.losses) == (lease.job_id, SUSPECT_AFTER)


async def test_of_leases_that_end_together_few_make_suspects_the_oldest_and_the_others_come_at_once(
    store: JobStore, hand: Hand
) -> None:
    jobs = [new_job(number) for number in range(3 * SUSPECTS_AT_ONCE)]
    await submit(store, *jobs)
    for _ in range(SUSPECT_AFTER):
        await claim(store)
        await _end(store, hand)
    losses = [(await now(store, job.id)).losses for job in jobs]
    assert [is_suspect(each) for each in losses] == [number < SUSPECTS_AT_ONCE for number in range(len(jobs))]
    assert {lease.job_id for lease in await claim(store)} == {job.id for job in jobs[SUSPECTS_AT_ONCE:]}


@pytest.mark.parametrize("how", ["rescue", "give_back"])
async def test_suspects_of_one_loss_come_one_by_one_and_behind_who_came_meanwhile(
    store: JobStore, hand: Hand, how: str
) -> None:
    await submit(store, *(new_job(number) for number in range(3)))
    for _ in range(SUSPECT_AFTER):
        leases = (await claim(store))[::-1]
        hand.turn(LEASE_S)
        await (store.rescue(10) if how == "rescue" else store.give_back(leases, lost=True))
    due_at = [(await now(store, f"job_000{number}")).due_at for number in range(3)]
    assert due_at == [hand.now() + put_off_s(SUSPECT_AFTER, before=place) for place in range(3)]
    await submit(store, new_job(9, created_at=hand.now()))
    hand.turn(put_off_s(SUSPECT_AFTER))
    assert await store.promote(10) == 1
    assert [lease.job_id for lease in await claim(store)] == ["job_0009", "job_0000"]


@pytest.mark.parametrize("how", ["rescue", "give_back"])
@pytest.mark.parametrize(
    ("method", "options", "status"),
    [
        ("GET", Options(), Status.QUEUED),
        ("POST", Options(), Status.FAILED),
        ("POST", Options(retry_unsafe=True), Status.QUEUED),
    ],
)
async def test_what_must_not_be_sent_again_fails_when_it_is_lost(
    store: JobStore, hand: Hand, how: str, method: str, options: Options, status: Status
) -> None:
    lease = await claim_one(store, new_job(method=method, request={"options": options}))
    running = await now(store, lease.job_id)
    hand.turn(LEASE_S)
    await (store.rescue(10) if how == "rescue" else store.give_back([lease], lost=True))
    lost = await now(store, lease.job_id)
    assert lost == running.given_back(now=hand.now(), lost=True)
    assert (lost.status, lost.losses, lost.attempts) == (status, 1, 0)
    assert await settle(store, done(lease)) == Settled(accepted=False, status=status)


async def test_giving_back_is_no_loss_and_passes_over_what_is_not_held(store: JobStore) -> None:
    await submit(store, new_job(1), new_job(2))
    held, gone = await claim(store)
    await settle(store, done(gone))
    await store.give_back([held, gone])
    assert (await now(store, held.job_id)).losses == 0
    assert (await now(store, gone.job_id)).status is Status.COMPLETED
    assert [lease.fence for lease in await claim(store)] == [2]


async def test_suspects_that_are_put_off_come_one_by_one_behind_so_many_others_and_nothing_is_counted(
    store: JobStore, hand: Hand
) -> None:
    await submit(store, *(new_job(number, priority=number) for number in range(3)))
    for _ in range(SUSPECT_AFTER):
        await store.give_back(await claim(store), lost=True)
    hand.turn(put_off_s(SUSPECT_AFTER, before=2))
    assert await store.promote(10) == 3
    leases = await claim(store)
    running = [await now(store, f"job_000{number}") for number in range(3)]
    await store.put_off(leases, before=2)
    put_off = [job.put_off(now=hand.now(), before=place) for place, job in enumerate(running, 2)]
    assert [await now(store, job.id) for job in running] == put_off
    assert [job.due_at for job in put_off] == [
        hand.now() + put_off_s(SUSPECT_AFTER, before=place) for place in (2, 3, 4)
    ]
    assert ((await store.queue()).delayed, list(await claim(store))) == (3, [])
    hand.turn(put_off_s(SUSPECT_AFTER, before=3))
    assert await store.promote(10) == 2
    again = sorted(await claim(store), key=lambda lease: lease.job_id)
    assert [(lease.job_id, lease.losses, lease.attempts) for lease in again] == [
        ("job_0000", SUSPECT_AFTER, 0),
        ("job_0001", SUSPECT_AFTER, 0),
    ]
    waited_us = put_off_s(SUSPECT_AFTER, before=3) * 1e6
    assert [(lease.delay_us, lease.queue_us) for lease in again] == [(0, waited_us)] * 2  # each kept its place


async def test_putting_off_passes_over_what_is_not_held(store: JobStore) -> None:
    await submit(store, *(new_job(number) for number in range(3)))
    held, gone, before = await claim(store)
    await settle(store, done(gone))
    await store.give_back([before])
    (again,) = await claim(store)
    await store.put_off([gone, before, held], before=0)
    statuses = [(await now(store, lease.job_id)).status for lease in (gone, again)]
    assert statuses == [Status.COMPLETED, Status.RUNNING]
    assert ((await now(store, held.job_id)).is_scheduled, (await store.queue()).running) == (True, 1)
    assert await settle(store, done(held)) == REFUSED


async def test_release_gives_back_what_one_owner_holds(store: JobStore) -> None:
    await submit(store, *(new_job(number) for number in range(5)))
    kept, _ = await claim(store, 2, owner="me")
    await claim(store, 2, owner="other")
    assert await store.release("me", keeping=[kept]) == 1
    assert (await now(store, kept.job_id)).status is Status.RUNNING
    assert [await store.release("me"), await store.release("me"), await store.release("nobody")] == [1, 0, 0]
    assert (await store.counts())[Status.RUNNING] == 2


async def test_what_is_settled_while_unknown_is_refused(store: JobStore) -> None:
    lease = await claim_one(store)
    stranger = done(type(lease)(**{name: getattr(lease, name) for name in lease.__slots__} | {"job_id": "job_none"}))
    assert not (await settle(store, stranger)).accepted


async def test_the_figures_are_those_of_the_whole_store(store: JobStore, hand: Hand) -> None:
    await submit(store, *(new_job(number) for number in range(4)), new_job(4, due_at=hand.now() + 9))
    running, finished = await claim(store, 2)
    await settle(store, done(finished))
    figures = await store.queue()
    assert (figures.due, figures.delayed, figures.running, figures.running_ids) == (2, 1, 1, (running.job_id,))
    assert await store.counts() == {
        Status.QUEUED: 3,
        Status.RUNNING: 1,
        Status.COMPLETED: 1,
        Status.FAILED: 0,
        Status.CANCELLED: 0,
    }


@pytest.mark.parametrize("text", UNSTORABLE)
@pytest.mark.parametrize(
    "changes",
    [
        lambda text: {"path": text},
        lambda text: {"tags": (text,)},
        lambda text: {"batch_id": text},
        lambda text: {"request": {"headers": {"X": text}}},
        lambda text: {"request": {"data": {"deep": [{text: 1}]}}},
    ],
    ids=["url", "tag", "batch", "header", "data"],
)
async def test_one_job_that_cannot_be_stored_keeps_all_out(store: JobStore, text: str, changes: Any) -> None:
    good = Submit(jobs=(new_job(1), new_job(2)))
    bad = Submit(jobs=(new_job(3), new_job(4, **changes(text))))
    with pytest.raises(RefusedDataError):
        await store.commit([good, bad])
    assert sum((await store.counts()).values()) == 0
    assert await store.get("job_0001") is None


@pytest.mark.parametrize("text", UNSTORABLE)
@pytest.mark.parametrize(
    "settlement",
    [
        lambda lease, text: failed(lease, message=text),
        lambda lease, text: done(lease, page_with(final_url=text)),
        lambda lease, text: done(lease, page_with(headers=(("X", text),))),
        lambda lease, text: done(lease, page_with(content_type=text)),
        lambda lease, text: done(lease, page_with(extraction=Extraction(text=text))),
    ],
    ids=["message", "url", "header", "type", "extraction"],
)
async def test_one_page_that_cannot_be_stored_leaves_all_running(store: JobStore, text: str, settlement: Any) -> None:
    await submit(store, new_job(1), new_job(2))
    first, second = await claim(store)
    with pytest.raises(RefusedDataError):
        await store.settle([done(first), settlement(second, text)])
    assert (await store.counts())[Status.RUNNING] == 2
    assert await settle(store, done(first)) == Settled(accepted=True, status=Status.COMPLETED)


async def test_a_written_out_escape_is_no_nul(store: JobStore) -> None:
    job = new_job(request={"headers": {"X": "\\u0000"}})
    await submit(store, job)
    assert await store.get(job.id) == job


async def test_a_piece_of_an_unknown_job_is_refused(store: JobStore) -> None:
    with pytest.raises(RefusedDataError):
        await store.commit([Submit(jobs=(new_job(),)), KeepChunk(job_id="job_none", fence=1, seq=0, data=b"x")])
    assert await store.get("job_0000") is None


async def test_work_that_came_since_the_last_claim_is_not_waited_for(store: JobStore) -> None:
    assert await claim(store) == []
    await submit(store, new_job())
    async with asyncio.timeout(5):
        await store.wait_for_work(3600)


WAKE: dict[str, Any] = {
    "submit": lambda store, _: submit(store, new_job(9)),
    "promote": lambda store, _: store.promote(10),
    "give_back": lambda store, lease: store.give_back([lease]),
    "rescue": lambda store, _: store.rescue(10),
    "release": lambda store, _: store.release("me"),
}


@pytest.mark.parametrize("how", WAKE)
async def test_who_waits_for_work_hears_of_it(store: JobStore, hand: Hand, how: str) -> None:
    lease = await claim_one(store)
    await submit(store, new_job(2, due_at=hand.now() + LEASE_S))
    assert await claim(store) == []
    hand.turn(LEASE_S)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        tasks.create_task(store.wait_for_work(3600))
        tasks.create_task(WAKE[how](store, lease))


async def test_waiting_for_work_ends_in_time(store: JobStore) -> None:
    await claim(store)
    async with asyncio.timeout(5):
        await store.wait_for_work(0.01)


END: dict[str, Any] = {
    "settle": lambda store, lease: store.settle([done(lease)]),
    "cancel": lambda store, lease: store.commit([Cancel(job_id=lease.job_id)]),
    "rescue": lambda store, _: store.rescue(10),
}


@pytest.mark.parametrize("how", END)
async def test_who_waits_for_a_job_hears_of_its_end(store: JobStore, hand: Hand, how: str) -> None:
    lease = await claim_one(store, new_job(method="POST"))
    hand.turn(LEASE_S)
    async with asyncio.timeout(5), asyncio.TaskGroup() as tasks:
        waiters = [tasks.create_task(store.wait_until_final(lease.job_id, 3600)) for _ in range(3)]
        tasks.create_task(END[how](store, lease))
    ended = await now(store, lease.job_id)
    assert ended.status.is_final
    assert [waiter.result() for waiter in waiters] == [ended] * 3


async def test_waiting_for_a_job_ends_in_time_with_the_job_as_it_is(store: JobStore) -> None:
    lease = await claim_one(store)
    async with asyncio.timeout(5):
        assert await store.wait_until_final(lease.job_id, 0.01) == await now(store, lease.job_id)


async def test_a_store_can_be_closed_again(store: JobStore) -> None:
    await store.close()
    await store.close()
