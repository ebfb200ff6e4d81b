"""Messages through a mailbox."""

import asyncio
from pathlib import Path

from engine.runtime import Mailbox


async def rounds(count: int, _: Path) -> None:
    mailbox: Mailbox[int] = Mailbox("kernel", capacity=64)
    await asyncio.gather(_send(mailbox, count), _drain(mailbox))


async def _send(mailbox: Mailbox[int], count: int) -> None:
    for number in range(count):
        await mailbox.put(number)
    mailbox.close()


async def _drain(mailbox: Mailbox[int]) -> None:
    async for _ in mailbox:
        pass
