"""What every actor is: one coroutine that somebody else starts, watches and stops.

Nothing outside the kernel starts a task; an actor lives in the one its supervisor gave it.
"""

from abc import ABC, abstractmethod


class Actor(ABC):
    """Does one thing for as long as it runs, and owns nothing that outlives it.

    `run` returns when its work is ended for good: it is not run again. It crashes by raising: the supervisor builds a
    new one, this object is never run twice. It is stopped by being told in its own way (its mailbox ends) or by being
    cancelled; then it lets CancelledError go up, and does not return before it has really stopped. It catches what
    it can handle and no more: staying alive is its supervisor's business.
    """

    @abstractmethod
    async def run(self) -> None: ...
