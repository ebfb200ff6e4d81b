"""The places of a mailbox, by count and by bytes.

Whoever waits for a place is granted one in the order of asking: a heavy message at the head is waited for, lighter
ones behind it do not slip past, and nobody takes a place that was granted to another.
"""

import asyncio
from collections import deque
from math import inf

from engine.runtime.waking import wake


class Place:
    """A place asked for; the answer comes with the grant, or when the mailbox closes."""

    __slots__ = ("answer", "is_granted", "weight")

    def __init__(self, weight: int) -> None:
        self.weight = weight
        self.is_granted = False
        self.answer: asyncio.Future[None] = asyncio.get_running_loop().create_future()


class Room:
    """Counts the places taken: by messages inside, and by grants on their way in."""

    __slots__ = ("_granted_weight", "_limit_bytes", "_places", "_taken", "_waiting", "_weight", "granted")

    def __init__(self, *, places: int, limit_bytes: int | None) -> None:
        self._places = places
        self._limit_bytes = inf if limit_bytes is None else limit_bytes
        self._taken = 0
        self._weight = 0
        self.granted = 0
        """How many were granted a place and are not in yet."""
        self._granted_weight = 0
        self._waiting: deque[Place] = deque()

    def offer(self, weight: int) -> bool:
        """Take a place without waiting and without overtaking who waits, if that can be."""
        if self._waiting or self._taken >= self._places or (self._taken and self._weight + weight > self._limit_bytes):
            return False  # as _fits says it, without a call: each message pays for it
        self._taken += 1
        self._weight += weight
        return True

    def take(self, weight: int) -> None:
        self._taken += 1
        self._weight += weight

    def leave(self, count: int, weight: int) -> None:
        self._taken -= count
        self._weight -= weight
        if self._waiting:
            self._grant()

    def ask(self, weight: int) -> Place:
        place = Place(weight)
        self._waiting.append(place)
        return place

    def arrive(self, place: Place) -> None:
        """Turn a grant into a message inside; its weight and place are taken already."""
        self.granted -= 1
        self._granted_weight -= place.weight
        self._grant()

    def give_up(self, place: Place) -> None:
        if place.is_granted:
            self.granted -= 1
            self._granted_weight -= place.weight
            self._taken -= 1
            self._weight -= place.weight
        elif place in self._waiting:
            self._waiting.remove(place)
        self._grant()

    def close(self) -> None:
        """Answer all who wait: there is nothing to wait for."""
        for place in self._waiting:
            wake(place.answer)
        self._waiting.clear()

    @property
    def free(self) -> int:
        """Places nobody has taken, was granted or waits for; none while the bytes are used up."""
        if self._waiting or self._weight >= self._limit_bytes:
            return 0
        return self._places - self._taken

    @property
    def weight(self) -> int:
        """Bytes of the messages inside."""
        return self._weight - self._granted_weight

    @property
    def is_full(self) -> bool:
        """Whether nothing more will come in before something leaves; grants still on their way say no."""
        return self.granted == 0 and self.free == 0

    def _fits(self, weight: int) -> bool:
        # What is heavier than all the room is let in alone: it could never come in otherwise.
        fits_bytes = self._weight + weight <= self._limit_bytes or self._taken == 0
        return fits_bytes and self._taken < self._places

    def _grant(self) -> None:
        while self._waiting and (self._waiting[0].answer.done() or self._fits(self._waiting[0].weight)):
            place = self._waiting.popleft()
            if place.answer.done():  # cancelled, and not yet come round to give up
                continue
            place.is_granted = True
            self.granted += 1
            self._granted_weight += place.weight
            self.take(place.weight)
            place.answer.set_result(None)
