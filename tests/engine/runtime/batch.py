"""Messages taken many at a time, as by who writes them in one transaction."""

from typing import TypeVar

from engine.runtime import Mailbox, MailboxClosed, any_ready

T = TypeVar("T")


async def take_batch(box: Mailbox[T], limit: int, linger_s: float) -> list[T]:
    """Wait for a first message, then for up to limit of them, for linger_s at most, while more can come in.

    Messages stay inside until they are returned. MailboxClosed when none will come.
    """
    while await any_ready(box):
        await box.ripe(limit, linger_s)
        if box.depth:  # another taker may have been faster
            return box.take_now(limit)
    raise MailboxClosed(box.name)
