"""An actor with actors under it, as its parent and the outside see it.

It is drained rather than cancelled, and what its drain saw is handed up. Where a successor goes on it is taken down.
"""

from abc import abstractmethod
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from engine.runtime.actor import Actor


class State(StrEnum):
    """Waiting is: not yet started, or stopped to be started again."""

    WAITING = "waiting"
    RUNNING = "running"
    STOPPING = "stopping"
    CRASHED = "crashed"
    STUCK = "stuck"
    DONE = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """One actor in the tree, as it was when the tree was asked for."""

    name: str
    state: State
    restarts: int = 0
    down_s: float = 0.0
    """How long it has not been running by then, since it last was; of a branch, or nothing below it."""
    children: tuple["Node", ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StopReport:
    """Names of those who did not stop in time: cancelled after their grace, or running still."""

    stuck: tuple[str, ...] = ()
    cut: tuple[str, ...] = ()

    @classmethod
    def of(cls, parts: Iterable[Self]) -> Self:
        known = list(parts)
        return cls(
            stuck=tuple(name for part in known for name in part.stuck),
            cut=tuple(name for part in known for name in part.cut),
        )


class Branch(Actor):
    """An actor that is stopped for good by draining it, and for a successor by taking it down."""

    is_nested = False
    """Is there a parent, which starts a successor when this one gives up?"""

    @abstractmethod
    async def drain(self) -> StopReport:
        """Stop everything below for good; `run` returns then."""

    @abstractmethod
    async def take_down(self) -> StopReport:
        """Cancel everything below, so that successors find what outlives them as it was; `run` returns then."""

    @abstractmethod
    def hurry(self) -> None:
        """Wait for no more graces, now and later."""

    @property
    @abstractmethod
    def down_s(self) -> float:
        """How long nothing below has been running by now; 0 while anything runs."""

    @abstractmethod
    def tree(self, *, deep: bool = True) -> Node:
        """All that is below, or only what stands right under it: a pool may be of a thousand."""
