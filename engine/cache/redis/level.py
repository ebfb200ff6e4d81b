"""The level that a fleet shares. A server that is down is a miss: it costs one bounded wait, and then nothing.

After a failure nobody waits for it any more, who asked before included, and nobody asks it but `tend`, which finds out
when it is back.
"""

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from engine.cache.level import Entry
from engine.cache.redis.breaker import Breaker
from engine.cache.redis.bulletin import Bulletin
from engine.cache.redis.debts import Debts
from engine.cache.redis.frames import Frames
from engine.cache.redis.gate import Gate
from engine.cache.redis.notice import Notice
from engine.cache.redis.server import GONE, TROUBLE, Kept, Server, is_refusal
from engine.cache.redis.watch import Watch
from engine.runtime import Aborted, Deadline, DeadlineExpired

T = TypeVar("T")

READ_WITHIN_S = 0.1
WRITE_WITHIN_S = 0.25
PARTS = 4
"""Of such a bound: what a loop that stands still may use up of it is one, and no sign that the server is away."""
JITTER = 0.1
"""What is kept together does not end together: up to this part of its time is left out."""
DEBTS = 10_000
KEYS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Measures:
    """`origin` names this process; `prefix` stands before every key, and before the name of the channel."""

    prefix: str
    origin: str
    probe_within_s: float
    clock: Callable[[], float]
    draw: Callable[[], float]
    read_within_s: float = READ_WITHIN_S
    write_within_s: float = WRITE_WITHIN_S

    @property
    def channel(self) -> str:
        return f"{self.prefix}dropped"


class RedisLevel:
    """A Level; values that are too long are left out."""

    def __init__(
        self, *, server: Server, gate: Gate, frames: Frames, measures: Measures, watch: Watch, notice: Notice
    ) -> None:
        self._server = server
        self._gate = gate
        self._frames = frames
        self._measures = measures
        self._watch = watch
        self._notice = notice
        self._breaker = Breaker()
        self._debts = Debts(DEBTS)
        self._waits: set[Deadline] = set()

    @property
    def is_up(self) -> bool:
        return self._breaker.is_closed

    async def get(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        if not keys or not self._breaker.is_closed:
            return [None] * len(keys)
        frames = await self._asked("get", self._measures.read_within_s, lambda: self._server.get(self._prefixed(keys)))
        if frames is None:
            return [None] * len(keys)
        return [None if key in self._debts else self._unpacked(frame) for key, frame in zip(keys, frames, strict=True)]

    async def put(self, entries: Sequence[Entry]) -> None:
        if not self._breaker.is_closed:
            return
        kept = [each for each in map(self._kept, entries) if each is not None]
        if kept:
            await self._asked("put", self._measures.write_within_s, lambda: self._server.put(kept))

    async def drop(self, keys: Sequence[str]) -> None:
        """What cannot be dropped now is owed: this process does not see it again, others do until it is back."""
        self._debts.owe(keys)
        for piece in _pieces(keys):  # many take their time, and are no sign that the server is away
            if self._breaker.is_closed:
                await self._asked("drop", self._measures.read_within_s, partial(self._pay, piece))

    async def tend(self) -> None:
        """To be called some times a second by one at a time: finds out when the server is back."""
        if self._breaker.is_due(self._measures.clock()):
            await self._probe()
        self._show()

    async def close(self) -> None:
        self._breaker = Breaker()
        await self._server.close()

    async def _asked(self, operation: str, within_s: float, act: Callable[[], Awaitable[T]]) -> T | None:
        """None if it fails, in whatever way. To have waited in vain for others of this process is no sign."""
        began, is_sent = self._measures.clock(), False
        wait = Deadline(within_s, parts=PARTS)
        self._waits.add(wait)
        try:
            with wait:
                async with self._gate:
                    is_sent = True
                    return await act()
        except Aborted:
            pass
        except DeadlineExpired:
            if is_sent:
                self._failed(f"no answer within {within_s} s")
        except TROUBLE as error:
            self._refused(error) if is_refusal(error) else self._failed(str(error))
        finally:
            self._waits.discard(wait)
            self._watch.took(operation, self._measures.clock() - began)
        return None

    async def _pay(self, piece: Sequence[str]) -> None:
        message = Bulletin(origin=self._measures.origin, keys=tuple(piece)).packed()
        await self._server.drop(self._prefixed(piece), channel=self._measures.channel, message=message)
        self._debts.pay(piece)

    async def _probe(self) -> None:
        draw = self._measures.draw()
        is_well = await self._asked("probe", self._measures.probe_within_s, self._is_well) or False
        self._breaker = self._breaker.probed(self._measures.clock(), draw, is_well=is_well)

    async def _is_well(self) -> bool:
        await self._server.probe()
        for piece in _pieces(tuple(self._debts)):
            await self._pay(piece)
        return True

    def _failed(self, why: str) -> None:
        self._watch.failed()
        self._notice.tell(why)
        self._breaker = self._breaker.failed(self._measures.clock(), self._measures.draw())
        for wait in self._waits:
            wait.abort(why)

    def _refused(self, error: Exception) -> None:
        self._notice.tell(str(error))

    def _show(self) -> None:
        self._watch.stands(is_up=self.is_up, connections=self._gate.width, available=self._gate.available)

    def _prefixed(self, keys: Sequence[str]) -> list[str]:
        return [self._measures.prefix + key for key in keys]

    def _kept(self, entry: Entry) -> Kept | None:
        frame = self._frames.packed(entry.value)
        ttl_ms = int(entry.ttl_s * 1000 * (1 - JITTER * self._measures.draw()))
        if frame is None or ttl_ms < 1:
            return None
        return Kept(key=self._measures.prefix + entry.key, frame=frame, ttl_ms=ttl_ms, yields=entry.yields)

    def _unpacked(self, frame: bytes | None) -> bytes | None:
        if frame is None or frame == GONE:
            return None
        value = self._frames.unpacked(frame)
        if value is None:
            self._watch.unreadable()
        return value


def _pieces(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """No message is longer than others have patience for."""
    return (keys[place : place + KEYS_AT_ONCE] for place in range(0, len(keys), KEYS_AT_ONCE))
