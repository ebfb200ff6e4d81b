"""Whatever is cancelled, closed or full: what was put comes out, once and in order."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from engine.runtime import Deadline, DeadlineExpired, Mailbox, MailboxClosed
from tests.virtual_time import run_virtual

CAPACITY_BYTES = 10
LATE_S = 100.0

pauses = st.integers(0, 3)
some_times = st.none() | st.integers(0, 3)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sending:
    pause: int
    weight: int
    patience: int | None
    is_offer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Receiving:
    way: str
    pause: int
    is_cancelled_at: int | None


sendings = st.builds(
    Sending, pause=pauses, weight=st.integers(0, CAPACITY_BYTES + 3), patience=some_times, is_offer=st.booleans()
)
receivings = st.builds(
    Receiving,
    way=st.sampled_from(["get", "batch", "linger", "now"]),
    pause=pauses,
    is_cancelled_at=st.none() | st.integers(0, 12),
)


@dataclass(slots=True, kw_only=True)
class Traffic:
    """Messages are (number, weight); the number tells them apart."""

    mailbox: Mailbox[tuple[int, int]]
    sent: list[tuple[int, int]] = field(default_factory=list)
    got: list[tuple[int, int]] = field(default_factory=list)

    async def send(self, number: int, plan: list[Sending]) -> None:
        for place, sending in enumerate(plan):
            await asyncio.sleep(sending.pause)
            try:
                with Deadline(sending.patience):
                    await self._send((number * 100 + place, sending.weight), is_offer=sending.is_offer)
            except DeadlineExpired:
                continue
            except MailboxClosed:
                return
            finally:
                self.check()

    async def _send(self, message: tuple[int, int], *, is_offer: bool) -> None:
        if not is_offer:
            await self.mailbox.put(message)
        elif not self.mailbox.offer(message):
            return
        self.sent.append(message)

    async def receive(self, receiving: Receiving) -> None:
        ways: dict[str, Callable[[], Awaitable[list[tuple[int, int]]]]] = {
            "get": self._one,
            "batch": lambda: self.mailbox.take_batch(3, 0),
            "linger": lambda: self.mailbox.take_batch(3, 2),
            "now": self._now,
        }
        while not self.mailbox.is_drained:
            try:
                self.got += await ways[receiving.way]()
            except MailboxClosed:
                return
            self.check()
            await asyncio.sleep(receiving.pause)

    async def _one(self) -> list[tuple[int, int]]:
        return [await self.mailbox.get()]

    async def _now(self) -> list[tuple[int, int]]:
        await asyncio.sleep(1)
        return self.mailbox.take_now(2)

    def check(self) -> None:
        box = self.mailbox
        assert box.depth <= box.capacity
        assert box.weight <= CAPACITY_BYTES or box.depth == 1
        assert box.weight == sum(weight for _, weight in self.sent) - sum(weight for _, weight in self.got)


async def play(
    traffic: Traffic, senders: list[list[Sending]], receivers: list[Receiving], closes_at: int | None
) -> None:
    loop = asyncio.get_running_loop()
    tasks = [asyncio.create_task(traffic.receive(receiving)) for receiving in receivers]
    for task, receiving in zip(tasks, receivers, strict=True):
        if receiving.is_cancelled_at is not None:
            loop.call_later(receiving.is_cancelled_at, task.cancel)
    if closes_at is not None:
        loop.call_later(closes_at, traffic.mailbox.close)
    last = Receiving(way="get", pause=0, is_cancelled_at=None)
    loop.call_later(LATE_S, lambda: tasks.append(asyncio.create_task(traffic.receive(last))))
    await asyncio.gather(*(traffic.send(number, plan) for number, plan in enumerate(senders)))
    await asyncio.sleep(LATE_S + 1)
    traffic.mailbox.close()
    await asyncio.wait(tasks)


@settings(deadline=None, max_examples=300)
@given(
    capacity=st.integers(1, 4),
    senders=st.lists(st.lists(sendings, max_size=8), min_size=1, max_size=4),
    receivers=st.lists(receivings, max_size=4),
    closes_at=st.none() | st.integers(0, 12),
)
def test_what_was_put_comes_out_once_in_the_order_it_was_let_in_and_bounds_hold(
    capacity: int, senders: list[list[Sending]], receivers: list[Receiving], closes_at: int | None
) -> None:
    async def scenario() -> None:
        traffic = Traffic(
            mailbox=Mailbox("box", capacity=capacity, capacity_bytes=CAPACITY_BYTES, weigh=lambda message: message[1])
        )
        await play(traffic, senders, receivers, closes_at)
        assert traffic.got == traffic.sent
        assert traffic.mailbox.is_drained

    run_virtual(scenario())


@settings(deadline=None)
@given(
    weights=st.lists(st.integers(0, CAPACITY_BYTES + 3), min_size=1, max_size=12),
    cancelled=st.sets(st.integers(0, 11)),
    capacity=st.integers(1, 3),
    limit=st.integers(1, 3),
)
def test_waiting_putters_come_in_in_the_order_of_asking_and_cancelled_ones_hold_nobody_up(
    weights: list[int], cancelled: set[int], capacity: int, limit: int
) -> None:
    async def scenario() -> None:
        box: Mailbox[int] = Mailbox(
            "box", capacity=capacity, capacity_bytes=CAPACITY_BYTES, weigh=lambda number: weights[number]
        )
        putters = [asyncio.create_task(box.put(number)) for number in range(len(weights))]
        await asyncio.sleep(1)
        inside = {number for number, putter in enumerate(putters) if putter.done()}
        got = box.take_now(limit)  # what is granted now may be cancelled before it is used
        for number in cancelled & set(range(len(weights))):
            putters[number].cancel()
        await asyncio.wait(putters, timeout=1)
        while taken := box.take_now(limit):
            got += taken
            await asyncio.wait(putters, timeout=1)
        assert got == [number for number in range(len(weights)) if number in inside or number not in cancelled]

    run_virtual(scenario())
