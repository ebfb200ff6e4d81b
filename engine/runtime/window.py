"""Many questions to one mailbox from one task, which has them answered in the order it asked.

No more are on their way than the window is wide, and it takes no other task: who asks and who waits is one.
"""

from collections import deque
from types import TracebackType
from typing import Generic, Self, TypeVar

from engine.runtime.ask import Ask
from engine.runtime.deadline import Deadline
from engine.runtime.errors import AskTimeout, DeadlineExpired
from engine.runtime.mailbox import Mailbox

Q = TypeVar("Q")
A = TypeVar("A")


class Window(Generic[Q, A]):
    """As a context: what is on its way at the end is abandoned."""

    __slots__ = ("_asks", "_mailbox", "_timeout_s", "_width")

    def __init__(self, mailbox: Mailbox[Ask[Q, A]], *, width: int, timeout_s: float) -> None:
        """The seconds bound each wait: for room in the mailbox, and for an answer."""
        self._mailbox = mailbox
        self._width = width
        self._timeout_s = timeout_s
        self._asks: deque[Ask[Q, A]] = deque()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for question in self._asks:
            question.abandon()
        self._asks.clear()

    async def put(self, request: Q) -> None:
        """Wait for room in the mailbox, not for the answer; into a full window nothing can be put.

        AskTimeout when there is no room in time, MailboxClosed when nobody will read it.
        """
        if self.is_full:
            raise RuntimeError("the window is full: an answer must be taken first")
        question: Ask[Q, A] = Ask(request)
        if not self._mailbox.offer(question):
            try:
                with Deadline(self._timeout_s):
                    await self._mailbox.put(question)
            except DeadlineExpired as error:
                raise AskTimeout(self._mailbox.name) from error
        self._asks.append(question)

    async def take(self) -> A:
        """Wait for the answer to the oldest question; AskTimeout, or the error that it failed with."""
        question = self._asks.popleft()
        try:
            with Deadline(self._timeout_s):
                return await question.answered()
        except DeadlineExpired as error:
            raise AskTimeout(self._mailbox.name) from error
        finally:
            question.abandon()

    @property
    def depth(self) -> int:
        """How many are on their way, or wait to be taken."""
        return len(self._asks)

    @property
    def is_full(self) -> bool:
        return len(self._asks) >= self._width

    @property
    def has_answer(self) -> bool:
        """Is the oldest question answered?"""
        return bool(self._asks) and self._asks[0].is_answered
