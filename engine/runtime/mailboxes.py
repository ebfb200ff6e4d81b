"""Waits for several mailboxes at once, for who serves them all."""

import asyncio
from collections.abc import Mapping
from typing import Any

from engine.runtime.mailbox import Mailbox
from engine.runtime.waking import wake


async def any_ready(*mailboxes: Mailbox[Any], timeout_s: float | None = None) -> bool:
    """Wait until one of them has a message: true; or until all are drained, or time is up: false."""
    has_time = True
    while has_time and not any(box.depth for box in mailboxes) and not all(box.is_drained for box in mailboxes):
        has_time = await _watched(dict.fromkeys(mailboxes, 1), timeout_s)
    return any(box.depth for box in mailboxes)


async def any_ripe(depths: Mapping[Mailbox[Any], int], timeout_s: float) -> None:
    """Wait until so many are inside one of them or no more can come in, or time is up."""
    if not any(box.is_ripe(depth) for box, depth in depths.items()):
        await _watched(depths, timeout_s)


async def _watched(depths: Mapping[Mailbox[Any], int], timeout_s: float | None) -> bool:
    """False if time ran out first. A watch that was woken in vain is as good as a time-out for who has little time."""
    loop = asyncio.get_running_loop()
    ready: asyncio.Future[None] = loop.create_future()
    timer = None if timeout_s is None else loop.call_later(timeout_s, wake, ready)
    for box, depth in depths.items():
        box.watch(ready, depth)
    try:
        await ready
    finally:
        for box in depths:
            box.unwatch(ready)
        if timer is not None:
            timer.cancel()
    return timeout_s is None
