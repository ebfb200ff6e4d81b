"""A message that wants an answer.

The asker gets exactly one: the answer, the error, or its own time-out; what comes later is dropped in silence.
"""

import asyncio
from collections.abc import Awaitable
from typing import Generic, TypeVar

from engine.runtime.deadline import Deadline
from engine.runtime.errors import AskTimeout, DeadlineExpired
from engine.runtime.mailbox import Mailbox

Q = TypeVar("Q")
A = TypeVar("A")


class Ask(Generic[Q, A]):
    """A request on its way, with the place where the answer goes."""

    __slots__ = ("_reply", "request")

    def __init__(self, request: Q) -> None:
        self.request = request
        self._reply: asyncio.Future[A] = asyncio.get_running_loop().create_future()

    def answer(self, answer: A) -> None:
        if not self._reply.done():
            self._reply.set_result(answer)

    def fail(self, error: Exception) -> None:
        if not self._reply.done():
            self._reply.set_exception(error)

    def abandon(self) -> None:
        """Say that nobody waits any longer, not even for an error."""
        if not self._reply.cancel() and not self._reply.cancelled():
            self._reply.exception()  # seen: else the loop would complain of an error nobody looked at

    def answered(self) -> Awaitable[A]:
        return self._reply

    @property
    def is_answered(self) -> bool:
        return self._reply.done() and not self._reply.cancelled()

    @property
    def is_abandoned(self) -> bool:
        """Whether answering would be in vain."""
        return self._reply.cancelled()


async def ask(mailbox: Mailbox[Ask[Q, A]], request: Q, timeout_s: float) -> A:
    """Put the request, wait for its answer and return it.

    The seconds cover both. AskTimeout when they are over, MailboxClosed when nobody will read it, or the error
    that the request failed with.
    """
    question: Ask[Q, A] = Ask(request)
    try:
        with Deadline(timeout_s):
            if not mailbox.offer(question):
                await mailbox.put(question)
            return await question.answered()
    except DeadlineExpired as error:
        raise AskTimeout(mailbox.name) from error
    finally:
        question.abandon()
