"""Answers from memory, else from the level that is shared, else from who loads; whatever is loaded is loaded once.

A reader never gets what was read before it asked, unless nobody has written since, as far as this process knows: a load
that was under way when it came satisfies it only if what it brought may be kept, and what is forgotten meanwhile is not
kept. Where the memory tells what is late, that answers who asks while another one has it read anew.
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from math import inf
from struct import Struct
from typing import ParamSpec, Protocol, TypeVar

from engine.cache.flight import Flight, Loaded
from engine.cache.level import Entry, Level
from engine.cache.memory import MemoryLevel
from engine.errors import EngineError

BRIEF_S = 1.0
"""What lasts no longer is not shared; a load that took longer is not either, as somebody may have written meanwhile."""
UNTIL = Struct("<d")

P = ParamSpec("P")
T = TypeVar("T")
Load = Callable[[], Awaitable[Loaded]]


class Watch(Protocol):
    """Counts looks; must not raise. `level` is memory or shared."""

    def looked(self, level: str, key: str, *, found: bool) -> None: ...
    def sampled(self, operation: str, level: str, act: Callable[P, T]) -> Callable[P, T]:
        """The same act, timed now and then."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """For how long what is read is kept, in seconds."""

    trusted_s: float = inf
    """In memory, since its load began: unless inf, the most that others' writes may go unnoticed."""
    shared_s: float = 3600.0
    """In the level that is shared."""


class ReadThrough:
    """A key is `kind:rest`. An empty value says that there is nothing, and is kept as others are."""

    def __init__(
        self,
        *,
        memory: MemoryLevel,
        shared: Level | None = None,
        terms: Terms,
        now: Callable[[], float],
        watch: Watch,
    ) -> None:
        """`now` is one clock for all who share the level."""
        self._memory = memory
        self._shared = shared
        self._terms = terms
        self._now = now
        self._watch = watch
        self._look = watch.sampled("get", "memory", memory.look)
        self._put = watch.sampled("put", "memory", memory.keep)
        self._forget = watch.sampled("drop", "memory", memory.forget_all)
        self._flights: dict[str, Flight] = {}

    async def read(self, key: str, load: Load) -> bytes:
        """`load` says with a value for how many seconds it holds from the beginning of the load on: 0 for no longer."""
        value = self._look(key)
        self._watch.looked("memory", key, found=value is not None)
        return await self._missed(key, load) if value is None else value

    async def drop(self, keys: Sequence[str]) -> None:
        """Once it returns nobody here reads what was so before; others do until they hear of it."""
        try:
            if self._shared is not None:
                await self._shared.drop(keys)
        finally:
            self.dropped(keys)

    def dropped(self, keys: Sequence[str]) -> None:
        """By others, too."""
        self._forget(keys)
        if self._flights:
            for key in keys:
                self._cut(key)

    def lost(self) -> None:
        """Anything may have been dropped."""
        self._memory.clear()
        for key in tuple(self._flights):
            self._cut(key)

    def _cut(self, key: str) -> None:
        flight = self._flights.pop(key, None)
        if flight is not None:
            flight.is_cut = True

    async def _missed(self, key: str, load: Load) -> bytes:
        if key in self._flights and (late := self._memory.late(key)) is not None:
            return late  # somebody reads it anew
        began_later = False
        while (flight := self._flights.get(key)) is not None:
            landed = await flight.landing()
            if isinstance(landed, EngineError):
                if began_later:
                    raise landed
            elif landed is not None and (began_later or landed[1] > 0):
                return landed[0]
            began_later = True
        return await self._flown(key, load)

    async def _flown(self, key: str, load: Load) -> bytes:
        flight = self._flights[key] = Flight(began=self._now())
        try:
            found = await self._found(key)
            loaded = found or await load()
            self._keep(key, loaded, flight)
            flight.land(loaded)
        except EngineError as error:
            flight.land(error)
            raise
        finally:
            if not flight.is_cut:
                del self._flights[key]
            flight.land(None)
        if found is None:
            await self._share(key, loaded, flight)
        return loaded[0]

    def _keep(self, key: str, loaded: Loaded, flight: Flight) -> None:
        value, lasts_s = loaded
        ttl_s = min(lasts_s, self._terms.trusted_s) - (self._now() - flight.began)
        if ttl_s > 0 and not flight.is_cut:
            self._put(key, value, ttl_s)

    async def _found(self, key: str) -> Loaded | None:
        """With the time that is left to it."""
        if self._shared is None:
            return None
        (kept,) = await self._shared.get((key,))
        self._watch.looked("shared", key, found=kept is not None)
        if kept is None:
            return None
        (until,) = UNTIL.unpack_from(kept)
        left_s = until - self._now()
        return (kept[UNTIL.size :], left_s) if left_s > 0 else None

    async def _share(self, key: str, loaded: Loaded, flight: Flight) -> None:
        value, lasts_s = loaded
        took_s = self._now() - flight.began
        if self._shared is None or flight.is_cut or lasts_s <= BRIEF_S or took_s > BRIEF_S:
            return
        kept = UNTIL.pack(flight.began + lasts_s) + value
        await self._shared.put([Entry(key=key, value=kept, ttl_s=min(lasts_s, self._terms.shared_s), yields=True)])
