"""The bounded way from one actor to the next.

What was put comes out once, in the order it came in; what does not fit waits outside. Mailboxes belong to
the system and outlive the actors at both ends.
"""

import asyncio
from bisect import bisect_right
from collections import deque
from collections.abc import Callable
from itertools import accumulate, islice
from typing import Generic, Self, TypeVar

from engine.runtime.errors import MailboxClosed
from engine.runtime.observer import Observer
from engine.runtime.probe import Probe
from engine.runtime.room import Room
from engine.runtime.waking import wake

T = TypeVar("T")


class Mailbox(Generic[T]):
    """Bounded by count, and by bytes where messages have weight."""

    __slots__ = (
        "_capacity",
        "_fall",
        "_falls",
        "_getters",
        "_gone",
        "_is_closed",
        "_least_watched",
        "_messages",
        "_name",
        "_probe",
        "_room",
        "_watches",
        "_weigh",
        "_weights",
    )

    def __init__(
        self,
        name: str,
        *,
        capacity: int,
        capacity_bytes: int | None = None,
        weigh: Callable[[T], int] | None = None,
        observer: Observer | None = None,
    ) -> None:
        """Weigh is asked once a message; it is needed where there is a capacity_bytes, and for nothing else."""
        if capacity < 1 or (capacity_bytes is not None and capacity_bytes < 1):
            raise ValueError("a mailbox needs room for one message at least")
        if (capacity_bytes is None) != (weigh is None):
            raise ValueError("capacity_bytes and weigh belong together")
        self._name = name
        self._capacity = capacity
        self._weigh = weigh
        self._room = Room(places=capacity, limit_bytes=capacity_bytes)
        self._probe = None if observer is None else Probe(name, observer)
        self._messages: deque[T] = deque()
        self._weights: deque[int] = deque()
        self._getters: deque[asyncio.Future[None]] = deque()
        self._watches: dict[asyncio.Future[None], int] = {}
        self._least_watched = 0
        self._falls: dict[asyncio.Future[None], int] = {}
        self._fall = 0
        self._gone = 0
        self._is_closed = False

    async def put(self, message: T) -> None:
        """Wait for room, then let the message in; if cancelled, or closed meanwhile, it never was inside."""
        if self._is_closed:
            raise MailboxClosed(self._name)
        weight = 0 if self._weigh is None else self._weigh(message)
        if self._room.granted or not self._room.offer(weight):  # who was granted a place came before
            await self._granted(weight)
        self._let_in(message, weight)

    def offer(self, message: T) -> bool:
        """Let the message in if that needs no waiting; False if it was refused, as it is once closed."""
        weight = 0 if self._weigh is None else self._weigh(message)
        if self._is_closed or not self._room.offer(weight):
            return False
        self._let_in(message, weight)
        return True

    def put_back(self, message: T) -> None:
        """What was just got comes out next, whether or not there is room left: for who got it and may not keep it."""
        weight = 0 if self._weigh is None else self._weigh(message)
        self._room.take(weight)
        self._messages.appendleft(message)
        self._gone -= 1
        if self._weigh is not None:
            self._weights.appendleft(weight)
        if self._getters:
            self._wake_getter()

    async def fallen_to(self, surplus: int) -> None:
        """Wait until the surplus is no more than that; MailboxClosed when closed before."""
        while self.surplus > surplus and not self._is_closed:
            fall: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._falls[fall] = surplus
            self._fall = max(self._falls.values())
            try:
                await fall
            finally:
                self._falls.pop(fall, None)
        if self._is_closed:
            raise MailboxClosed(self._name)

    async def get(self) -> T:
        """Wait for the next message; MailboxClosed when there will be none."""
        while not self._messages:
            if self._is_closed:
                raise MailboxClosed(self._name)
            await self._arrival()
        message = self._messages.popleft()
        self._left(1)
        return message

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> T:
        try:
            return await self.get()
        except MailboxClosed:
            raise StopAsyncIteration from None

    async def take_batch(self, limit: int, linger_s: float) -> list[T]:
        """Wait for a first message, then for up to limit of them, for linger_s at most, while more can come in.

        Messages stay inside until they are returned: a cancelled batch loses none. MailboxClosed when none will come.
        """
        while not self.is_drained:
            await self._ripens(1)
            await self.ripe(limit, linger_s)
            if self._messages:  # another taker may have been faster
                return self.take_now(limit)
        raise MailboxClosed(self._name)

    async def ripe(self, depth: int, linger_s: float) -> None:
        """Wait until so many are inside or no more can come in, for linger_s at most."""
        if linger_s > 0:
            await self._ripens(depth, linger_s)

    def take_now(self, limit: int, limit_bytes: int | None = None) -> list[T]:
        """Take what is inside, up to limit, without waiting; where messages have weight, one or up to limit_bytes."""
        count = min(limit, len(self._messages))
        if limit_bytes is not None and self._room.weight > limit_bytes:
            count = max(1, bisect_right(list(accumulate(islice(self._weights, count))), limit_bytes))
        batch = [self._messages.popleft() for _ in range(count)]
        if count:
            self._left(count)
        return batch

    def close(self) -> None:
        """End the stream after what is in it; what waits outside is turned away."""
        self._is_closed = True
        self._room.close()
        while self._getters:
            self._wake_getter()
        self._tell_watches()
        for fall in self._falls:
            wake(fall)

    @property
    def name(self) -> str:
        return self._name

    @property
    def depth(self) -> int:
        return len(self._messages)

    @property
    def hungry(self) -> int:
        """How many wait for a message."""
        return len(self._getters)

    @property
    def surplus(self) -> int:
        """Messages inside, less those who wait for one; who is woken for a message waits no longer."""
        return len(self._messages) - len(self._getters)

    @property
    def weight(self) -> int:
        """Bytes inside."""
        return self._room.weight

    @property
    def capacity(self) -> int:
        return self._capacity

    @property
    def is_closed(self) -> bool:
        return self._is_closed

    @property
    def is_drained(self) -> bool:
        """Closed and empty: nothing will ever come out again."""
        return self._is_closed and not self._messages

    def is_ripe(self, depth: int) -> bool:
        """Are so many inside, or can no more come in before something leaves?"""
        return len(self._messages) >= depth or self._is_closed or self._room.is_full

    def watch(self, future: asyncio.Future[None], depth: int) -> None:
        """Wake the future, once, at that depth, or when no more will come before something leaves."""
        self._least_watched = min(self._least_watched, depth) if self._watches else depth
        self._watches[future] = depth

    def unwatch(self, future: asyncio.Future[None]) -> None:
        self._watches.pop(future, None)

    async def _ripens(self, depth: int, within_s: float | None = None) -> None:
        if self.is_ripe(depth):
            return
        loop = asyncio.get_running_loop()
        ripe: asyncio.Future[None] = loop.create_future()
        timer = None if within_s is None else loop.call_later(within_s, wake, ripe)
        self.watch(ripe, depth)
        try:
            await ripe
        finally:
            self.unwatch(ripe)
            if timer is not None:
                timer.cancel()

    def _let_in(self, message: T, weight: int) -> None:
        self._messages.append(message)
        if self._weigh is not None:
            self._weights.append(weight)
        if self._probe is not None and not self._probe.due:
            self._probe.stamp(self._gone + len(self._messages))
        if self._getters:
            self._wake_getter()
        if self._watches and (len(self._messages) >= self._least_watched or self._room.is_full):
            self._tell_watches()

    def _left(self, count: int) -> None:
        weight = sum([self._weights.popleft() for _ in range(count)]) if self._weights else 0
        self._room.leave(count, weight)
        self._gone += count
        if self._probe is not None and 0 < self._probe.due <= self._gone:
            self._probe.report()
        if self._falls and self.surplus <= self._fall:
            self._tell_falls()

    async def _granted(self, weight: int) -> None:
        place = self._room.ask(weight)
        self._tell_watches()  # a batch that lingers has reason to go now
        try:
            await place.answer
        except asyncio.CancelledError:
            self._room.give_up(place)
            self._tell_watches()
            raise
        if self._is_closed:
            self._room.give_up(place)
            raise MailboxClosed(self._name)
        self._room.arrive(place)

    async def _arrival(self) -> None:
        getter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._getters.append(getter)
        if self._falls:
            self._tell_falls()
        try:
            await getter
        except asyncio.CancelledError:
            if getter in self._getters:
                self._getters.remove(getter)
            elif self._messages:  # it was woken for a message that it will not take
                self._wake_getter()
            raise

    def _wake_getter(self) -> None:
        while self._getters:
            getter = self._getters.popleft()
            if not getter.done():
                getter.set_result(None)
                return

    def _tell_watches(self) -> None:
        for watch in [watch for watch, depth in self._watches.items() if self.is_ripe(depth)]:
            del self._watches[watch]
            wake(watch)

    def _tell_falls(self) -> None:
        for fall, surplus in self._falls.items():
            if self.surplus <= surplus:
                wake(fall)
