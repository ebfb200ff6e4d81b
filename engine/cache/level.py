"""A level of the cache: bytes under keys, each for a time."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What is kept under a key, and for how many seconds."""

    key: str
    value: bytes
    ttl_s: float
    yields: bool = False
    """Is it left out where others share the level, and something is kept or was dropped a moment ago?"""


class Level(Protocol):
    """What is not there any more is a miss, and so is a level that is out of order: neither raises.

    A key is `kind:rest`, where the kind is one of a few words.
    """

    async def get(self, keys: Sequence[str]) -> Sequence[bytes | None]:
        """What is kept under each, None where there is nothing: one round trip for all."""

    async def put(self, entries: Sequence[Entry]) -> None:
        """Keeps them, or as many as there is room for."""

    async def drop(self, keys: Sequence[str]) -> None:
        """Forgets them, here and for whoever shares the level."""

    async def close(self) -> None:
        """May be called again."""
