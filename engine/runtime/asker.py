"""Questions to one mailbox from many tasks, all of which have as long for an answer.

One timer watches over all of them: each has its end, they come in that order, and it stands at the end of the oldest.
"""

import asyncio
from typing import Generic, TypeVar

from engine.runtime.ask import Ask
from engine.runtime.deadline import Deadline
from engine.runtime.errors import AskTimeout, DeadlineExpired, KernelError
from engine.runtime.mailbox import Mailbox

Q = TypeVar("Q")
A = TypeVar("A")


class Asker(Generic[Q, A]):
    """Made in the loop that it asks in: to look for the running one costs a system call on Python 3.11."""

    __slots__ = ("_ends", "_loop", "_mailbox", "_timeout_s", "_timer")

    def __init__(self, mailbox: Mailbox[Ask[Q, A]], *, timeout_s: float) -> None:
        """The seconds cover the wait for room in the mailbox and that for the answer."""
        self._mailbox = mailbox
        self._timeout_s = timeout_s
        self._loop = asyncio.get_running_loop()
        self._ends: dict[Ask[Q, A], float] = {}
        """Of all who wait, in the order of asking."""
        self._timer: asyncio.TimerHandle | None = None

    async def ask(self, request: Q) -> A:
        """Put the request, wait for its answer and return it.

        AskTimeout when the seconds are over, MailboxClosed when nobody will read it, or the error that it failed with.
        """
        reply: asyncio.Future[A] = self._loop.create_future()
        question: Ask[Q, A] = Ask(request, reply)
        self._ends[question] = ends_at = self._loop.time() + self._timeout_s
        if self._timer is None:
            self._timer = self._loop.call_at(ends_at, self._expire)
        try:
            if not self._mailbox.offer(question):
                await self._put(question)
            return await reply
        except (asyncio.CancelledError, KernelError):
            question.abandon()
            raise
        finally:
            del self._ends[question]

    async def _put(self, question: Ask[Q, A]) -> None:
        try:
            with Deadline(self._timeout_s):
                await self._mailbox.put(question)
        except DeadlineExpired as error:
            raise AskTimeout(self._mailbox.name) from error

    def _expire(self) -> None:
        """Those whose end has come hear of it; the timer goes on to the next end, if there is one."""
        self._timer = None
        now = self._loop.time()
        for question, ends_at in self._ends.items():
            if ends_at > now:
                self._timer = self._loop.call_at(ends_at, self._expire)
                return
            question.fail(AskTimeout(self._mailbox.name))
