"""A message that wants an answer.

The asker gets exactly one: the answer, the error, or its own time-out; what comes later is dropped in silence.
"""

import asyncio
from collections.abc import Awaitable
from typing import Generic, TypeVar

from engine.runtime.errors import AskTimeout

Q = TypeVar("Q")
A = TypeVar("A")


class Ask(Generic[Q, A]):
    """A request on its way, with the place where the answer goes."""

    __slots__ = ("_reply", "request")

    def __init__(self, request: Q, reply: "asyncio.Future[A] | None" = None) -> None:
        self.request = request
        self._reply: asyncio.Future[A] = asyncio.get_running_loop().create_future() if reply is None else reply

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
        """Raises AskTimeout where its time ends before, or the error that the request failed with."""
        return self._reply

    @property
    def is_open(self) -> bool:
        """Does somebody wait for an answer, which there is none of yet?"""
        return not self._reply.done()

    @property
    def is_answered(self) -> bool:
        return self._reply.done() and not self.is_abandoned

    @property
    def is_abandoned(self) -> bool:
        """Whether answering would be in vain."""
        return self._reply.cancelled() or (self._reply.done() and isinstance(self._reply.exception(), AskTimeout))
