"""A message through a mailbox, against one through an asyncio.Queue."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from perf.bench import mailbox
from perf.rulers.ruler import Take

_ROUNDS = 50_000


@asynccontextmanager
async def ours() -> AsyncIterator[Take]:
    yield partial(mailbox.per_cpu_s, mailbox.hops, _ROUNDS)


@asynccontextmanager
async def bare() -> AsyncIterator[Take]:
    yield partial(mailbox.per_cpu_s, mailbox.queue_hops, _ROUNDS)
