"""What an observer of the kernel gets to see.

Events are values: they hold names, numbers and errors, never an actor or a mailbox.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorStarted:
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorStopped:
    """It returned, or ended as it was told to."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorCrashed:
    name: str
    error: BaseException


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorRestarting:
    """Its successor is built after the delay; restarts counts this one."""

    name: str
    delay_s: float
    restarts: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorCut:
    """It did not end within its grace and was cancelled."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActorStuck:
    """It was cancelled and still runs."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GiveBackFailed:
    """What a lost actor had in hand was not given back; the error is a TimeoutError when time ran out."""

    name: str
    error: BaseException


@dataclass(frozen=True, slots=True, kw_only=True)
class SupervisorGaveUp:
    name: str
    error: BaseException


@dataclass(frozen=True, slots=True, kw_only=True)
class DrainBegan:
    """A supervisor is about to stop its children."""

    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MailboxWaited:
    """How long one message waited in its mailbox, in the loop's seconds."""

    name: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class FellBack:
    """A pool was made narrower, because the other side is in trouble."""

    name: str
    why: str
    was: int
    width: int


Event = (
    ActorStarted
    | ActorStopped
    | ActorCrashed
    | ActorRestarting
    | ActorCut
    | ActorStuck
    | GiveBackFailed
    | SupervisorGaveUp
    | DrainBegan
    | MailboxWaited
    | FellBack
)
