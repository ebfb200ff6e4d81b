"""What a supervisor must know of an actor to keep it running.

A child is a description: it is never started itself, each start builds a new actor from it.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from engine.runtime.actor import Actor

A = TypeVar("A", bound=Actor)


@dataclass(frozen=True, slots=True, kw_only=True)
class Child(Generic[A]):
    """How to build an actor, how to end it, and who takes back what it had in hand.

    stop tells it at a drain to finish in its own way; None means it is cancelled, as each is that is to be started
    again. Either way it has grace_s before it is cancelled (again). on_loss is awaited, for grace_s at most, after a
    crash, with its error, or a cancellation, with None, and before a successor is built; a supervisor among the
    children is drained at a drain, and taken down where it is to be started again. One that is_needed_at_drains and
    has crashed is started again even then, until its own turn to stop comes, and once in its turn, unless it was cut:
    others wait for it, and it has something to finish.
    """

    name: str
    build: Callable[[], A]
    stop: Callable[[A], None] | None = None
    grace_s: float = 5.0
    on_loss: Callable[[A, BaseException | None], Awaitable[None]] | None = None
    is_needed_at_drains: bool = False
