"""Levels on real servers, as the engine opens them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from random import Random
from time import monotonic
from typing import Any

from actors.tender import Tender
from engine.cache.redis import READ_WITHIN_S, WRITE_WITHIN_S, Measures, Options, Shared, open_redis

OPTIONS = Options(
    urls=(),
    is_cluster=False,
    max_connections=10,
    connect_timeout_s=5.0,
    keepalive=True,
    health_check_s=30.0,
    retries_on_timeout=True,
)


@dataclass(slots=True)
class Count:
    """A watch that counts."""

    connected_: int = 0
    disconnected_: int = 0
    failed_: int = 0
    piped_: int = 0
    unreadable_: int = 0
    operations: list[str] = field(default_factory=list)
    standing: dict[str, int] = field(default_factory=dict)
    said: list[str] = field(default_factory=list)

    def connected(self) -> None:
        self.connected_ += 1

    def disconnected(self) -> None:
        self.disconnected_ += 1

    def failed(self) -> None:
        self.failed_ += 1

    def piped(self) -> None:
        self.piped_ += 1

    def unreadable(self) -> None:
        self.unreadable_ += 1

    def took(self, operation: str, seconds: float) -> None:
        assert seconds >= 0
        self.operations.append(operation)

    def stands(self, *, is_up: bool, connections: int, available: int) -> None:
        self.standing = {"up": is_up, "size": connections, "available": available}


def shared(
    *urls: str,
    watch: Count | None = None,
    origin: str = "a",
    prefix: str = "test:",
    over: int | None = 1024,
    is_patient: bool = False,
    read_within_s: float = READ_WITHIN_S,
    write_within_s: float = WRITE_WITHIN_S,
    **told: Any,
) -> Shared:
    """A patient one waits out a busy machine, where it is not the waiting that is asked about."""
    watch = watch or Count()
    measures = Measures(prefix=prefix, origin=origin, probe_within_s=10.0, clock=monotonic, draw=Random(7).random)
    if is_patient:
        read_within_s = write_within_s = 5.0
    measures = replace(measures, read_within_s=read_within_s, write_within_s=write_within_s)
    options = replace(OPTIONS, urls=urls, is_cluster=len(urls) > 1, **told)
    return open_redis(options, measures=measures, compress_over_bytes=over, watch=watch, say=watch.said.append)


@asynccontextmanager
async def tended(*urls: str, **told: Any) -> AsyncIterator[Shared]:
    """Up when it is handed out, and looked after from then on."""
    opened = shared(*urls, **told)
    await opened.level.tend()
    assert opened.level.is_up
    tender = asyncio.ensure_future(Tender(level=opened.level).run())
    try:
        yield opened
    finally:
        tender.cancel()
        await asyncio.wait([tender])
        await opened.level.close()


class Ear:
    """Hears, and remembers in order: the keys, or a loss."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, ...] | str] = []

    def dropped(self, keys: Sequence[str]) -> None:
        self.heard.append(tuple(keys))

    def lost(self) -> None:
        self.heard.append("lost")
