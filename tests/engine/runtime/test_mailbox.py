import asyncio

import pytest

from engine.runtime import Mailbox, MailboxClosed, MailboxWaited, any_ready
from tests.engine.runtime.witness import Witness


def a_mailbox(*messages: int, capacity: int = 3, observer: Witness | None = None) -> Mailbox[int]:
    mailbox: Mailbox[int] = Mailbox("box", capacity=capacity, observer=observer)
    for message in messages:
        assert mailbox.offer(message)
    return mailbox


def a_scale(*messages: int) -> Mailbox[int]:
    """A message weighs what it says; ten in all."""
    mailbox: Mailbox[int] = Mailbox("scale", capacity=5, capacity_bytes=10, weigh=lambda message: message)
    for message in messages:
        assert mailbox.offer(message)
    return mailbox


def now() -> float:
    return asyncio.get_running_loop().time()


async def turn() -> None:
    await asyncio.sleep(0)


async def test_put_waits_while_the_mailbox_is_full() -> None:
    box = a_mailbox(1, capacity=1)
    putter = asyncio.create_task(box.put(2))
    await turn()
    assert not putter.done()
    assert await box.get() == 1
    await putter
    assert await box.get() == 2


async def test_offer_refuses_when_full_when_closed_and_when_others_wait() -> None:
    box = a_mailbox(1, capacity=1)
    assert not box.offer(2)
    putter = asyncio.create_task(box.put(2))
    await turn()
    box.take_now(1)
    assert not box.offer(3)
    await putter
    box.take_now(1)
    box.close()
    assert not box.offer(3)


async def test_a_freed_place_is_granted_and_nobody_takes_it_first() -> None:
    box = a_mailbox(1, 2, capacity=2)
    waiting = asyncio.create_task(box.put(3))
    await turn()
    box.take_now(2)
    await box.put(4)  # at once, before the other can come in
    await waiting
    assert box.take_now(9) == [3, 4]


async def test_a_cancelled_putter_gives_its_grant_to_the_next() -> None:
    box = a_mailbox(1, capacity=1)
    putters = [asyncio.create_task(box.put(number)) for number in (2, 3)]
    await turn()
    box.take_now(1)
    putters[0].cancel()
    await asyncio.wait(putters)
    assert box.take_now(9) == [3]


async def test_a_message_too_heavy_for_the_mailbox_is_let_in_alone() -> None:
    box = a_scale(4)
    heavy = asyncio.create_task(box.put(25))
    await turn()
    assert not heavy.done()
    assert not box.offer(1)
    box.take_now(1)
    await heavy
    assert (box.depth, box.weight, box.offer(0)) == (1, 25, False)
    assert await box.get() == 25
    assert box.weight == 0


async def test_a_message_is_weighed_once() -> None:
    weighed: list[str] = []

    def weigh(text: str) -> int:
        weighed.append(text)
        return 1

    box: Mailbox[str] = Mailbox("box", capacity=1, capacity_bytes=9, weigh=weigh)
    await box.put("a")
    putter = asyncio.create_task(box.put("b"))
    await turn()
    box.take_now(1)
    await putter
    assert await box.get() == "b"
    assert weighed == ["a", "b"]


async def test_close_ends_the_stream_after_what_is_in_it() -> None:
    box = a_mailbox(1, 2)
    box.close()
    assert (box.is_closed, box.is_drained) == (True, False)
    assert [message async for message in box] == [1, 2]
    assert box.is_drained
    for wait in (box.get(), box.put(3), box.take_batch(1, 1), box.fallen_to(0)):
        with pytest.raises(MailboxClosed, match="box"):
            await wait


async def test_close_turns_away_all_who_wait() -> None:
    full, empty = a_mailbox(1, capacity=1), a_mailbox()
    waits = [full.put(2), full.put(3), full.fallen_to(0), empty.get(), empty.get(), empty.take_batch(2, 1)]
    tasks = [asyncio.ensure_future(wait) for wait in waits]
    await turn()
    full.close()
    empty.close()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    assert [type(result) for result in results] == [MailboxClosed] * len(tasks)
    assert full.take_now(9) == [1]


async def test_close_turns_away_one_that_was_granted_a_place_but_is_not_in_yet() -> None:
    box = a_mailbox(1, capacity=1)
    putter = asyncio.create_task(box.put(2))
    await turn()
    box.take_now(1)
    box.close()
    with pytest.raises(MailboxClosed):
        await putter
    assert box.is_drained


async def test_a_woken_getter_that_is_cancelled_wakes_the_next() -> None:
    box = a_mailbox()
    getters = [asyncio.create_task(box.get()) for _ in range(2)]
    await turn()
    box.offer(1)
    getters[0].cancel()
    await asyncio.wait(getters)
    assert getters[1].result() == 1


async def test_fallen_to_waits_until_no_more_than_that_is_inside() -> None:
    box = a_mailbox(1, 2, 3)
    fall = asyncio.create_task(box.fallen_to(1))
    await turn()
    box.take_now(1)
    await turn()
    assert not fall.done()
    box.take_now(1)
    await fall
    await box.fallen_to(1)


async def test_the_surplus_falls_below_nothing_while_somebody_waits_for_a_message() -> None:
    box = a_mailbox(1)
    fall = asyncio.create_task(box.fallen_to(-2))
    getters = [asyncio.create_task(box.get()) for _ in range(2)]
    await turn()
    assert (box.surplus, fall.done()) == (-1, False)
    getters.append(asyncio.create_task(box.get()))
    await fall
    assert box.surplus == -2
    await box.put(2)
    await box.put(3)
    assert [await getter for getter in getters] == [1, 2, 3]
    assert box.surplus == 0


async def test_the_surplus_falls_below_nothing_when_those_who_were_woken_take_theirs() -> None:
    box = a_mailbox()
    getters = [asyncio.create_task(box.get()) for _ in range(2)]
    await turn()
    box.offer(1)
    assert box.surplus == 0
    async with asyncio.timeout(1):
        await box.fallen_to(-1)
    assert box.surplus == -1
    box.offer(2)
    assert [await getter for getter in getters] == [1, 2]


async def test_a_cancelled_wait_for_a_fall_is_forgotten() -> None:
    box = a_mailbox(1, capacity=1)
    fall = asyncio.create_task(box.fallen_to(0))
    await turn()
    fall.cancel()
    await asyncio.wait((fall,))
    assert box.take_now(1) == [1]


async def test_hungry_counts_those_who_wait_for_a_message() -> None:
    box = a_mailbox()
    getters = [asyncio.create_task(box.get()) for _ in range(3)]
    await turn()
    assert box.hungry == 3
    for message in range(3):
        await box.put(message)
    assert [await getter for getter in getters] == [0, 1, 2]
    assert box.hungry == 0


async def test_any_ready_says_whether_there_is_a_message_and_waits_no_longer_than_told() -> None:
    box = a_mailbox()
    began = now()
    assert not await any_ready(box, timeout_s=0.05)
    assert now() - began >= 0.04
    box.offer(1)
    assert await any_ready(box, timeout_s=0.05)
    box.take_now(1)
    box.close()
    assert not await any_ready(box)


async def test_a_batch_waits_for_the_first_then_lingers_and_no_longer() -> None:
    box = a_mailbox(capacity=9)
    asyncio.get_running_loop().call_later(5, box.offer, 1)
    asyncio.get_running_loop().call_later(6, box.offer, 2)
    asyncio.get_running_loop().call_later(8, box.offer, 3)
    assert await box.take_batch(9, 2) == [1, 2]
    assert now() == 7


@pytest.mark.parametrize("event", ["limit", "full", "crowded", "closed"])
async def test_a_batch_goes_at_once_when_nothing_more_will_come(event: str) -> None:
    box = a_scale(5)
    batch = asyncio.create_task(box.take_batch(2 if event == "limit" else 9, 60))
    await asyncio.sleep(1)
    assert not batch.done()
    assert box.depth == 1
    putter = asyncio.create_task(box.put({"limit": 1, "full": 5, "crowded": 6, "closed": 1}[event]))
    await turn()
    if event == "closed":
        box.close()
    assert await batch == {"limit": [5, 1], "full": [5, 5], "crowded": [5], "closed": [5, 1]}[event]
    assert now() == 1
    await putter


async def test_a_batch_waits_for_those_already_granted_a_place() -> None:
    box = a_mailbox(1, 2, capacity=2)
    putters = [asyncio.create_task(box.put(number)) for number in (3, 4)]
    await turn()
    box.take_now(1)
    assert await box.take_batch(9, 60) == [2, 3]
    await asyncio.wait(putters)
    assert now() == 0


async def test_a_batch_goes_when_the_one_it_waited_for_is_cancelled_and_the_next_has_no_room() -> None:
    box = a_scale(5, 5)
    putters = [asyncio.create_task(box.put(weight)) for weight in (5, 6)]
    await turn()
    box.take_now(1)
    putters[0].cancel()
    assert await box.take_batch(9, 60) == [5]
    assert now() == 0
    await asyncio.wait(putters)


async def test_a_cancelled_batch_leaves_its_messages_inside() -> None:
    box = a_mailbox(1, 2)
    batch = asyncio.create_task(box.take_batch(3, 60))
    await asyncio.sleep(1)
    batch.cancel()
    await asyncio.wait((batch,))
    assert box.take_now(9) == [1, 2]


async def test_a_batch_whose_messages_another_took_waits_for_a_first_again() -> None:
    box = a_mailbox(1)
    batch = asyncio.create_task(box.take_batch(3, 2))
    await asyncio.sleep(1)
    assert box.take_now(9) == [1]
    asyncio.get_running_loop().call_later(9, box.offer, 2)
    assert await batch == [2]
    assert now() == 12


async def test_any_ready_waits_for_a_message_in_one_or_the_end_of_all() -> None:
    one, other = a_mailbox(), a_mailbox()
    ready = asyncio.create_task(any_ready(one, other))
    await turn()
    one.close()
    await turn()
    assert not ready.done()
    other.offer(1)
    await ready
    other.take_now(1)
    ready = asyncio.create_task(any_ready(one, other))
    await turn()
    other.close()
    await ready


async def test_an_observer_hears_how_long_one_message_at_a_time_has_waited(witness: Witness) -> None:
    box = a_mailbox(1, observer=witness)
    await asyncio.sleep(3)
    box.offer(2)  # not measured: the first still is
    assert await box.get() == 1
    box.offer(3)
    await asyncio.sleep(4)
    assert box.take_now(9) == [2, 3]
    assert witness.events == [MailboxWaited(name="box", seconds=3), MailboxWaited(name="box", seconds=4)]


@pytest.mark.parametrize(
    "wrong", [{"capacity": 0}, {"capacity": 1, "capacity_bytes": 0}, {"capacity": 1, "capacity_bytes": 1}]
)
def test_a_mailbox_without_room_or_without_a_scale_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=r"mailbox|weigh"):
        Mailbox("box", **wrong)  # type: ignore[arg-type]  # weigh is not among the parameters


async def test_what_is_put_back_comes_out_next_though_the_mailbox_is_full() -> None:
    box: Mailbox[int] = Mailbox("full", capacity=2, capacity_bytes=2, weigh=lambda _: 1)
    assert [box.offer(number) for number in (1, 2)] == [True, True]
    got = await box.get()
    assert box.offer(3)
    box.put_back(got)
    assert (box.depth, box.weight, box.offer(4)) == (3, 3, False)
    assert [await box.get() for _ in range(3)] == [1, 2, 3]
    assert (box.weight, box.offer(5)) == (0, True)


async def test_what_is_put_back_wakes_who_waits() -> None:
    box: Mailbox[int] = Mailbox("empty", capacity=1)
    waiting = asyncio.create_task(box.get())
    await asyncio.sleep(0)
    box.put_back(7)
    assert await waiting == 7
