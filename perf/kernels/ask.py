"""Questions through a mailbox, and their answers."""

import asyncio
from pathlib import Path

from engine.runtime import Ask, Asker, Mailbox

_TIMEOUT_S = 3_600.0


async def rounds(count: int, _: Path) -> None:
    mailbox: Mailbox[Ask[int, int]] = Mailbox("kernel", capacity=64)
    await asyncio.gather(_ask_all(mailbox, count), _answer_all(mailbox))


async def _ask_all(mailbox: Mailbox[Ask[int, int]], count: int) -> None:
    asker = Asker(mailbox, timeout_s=_TIMEOUT_S)
    for number in range(count):
        await asker.ask(number)
    mailbox.close()


async def _answer_all(mailbox: Mailbox[Ask[int, int]]) -> None:
    async for question in mailbox:
        question.answer(question.request)
