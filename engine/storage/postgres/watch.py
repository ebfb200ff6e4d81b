"""Who wants to know what happens to a pool."""

from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A connection that somebody has held for longer than anybody needs one."""

    held_s: float
    stack: str
    """Of the task that took it, as it stands now; where that took it comes last."""


class Standing(Protocol):
    """What a pool says of itself at any time."""

    @property
    def size(self) -> int:
        """How many connections it may have at most."""

    @property
    def checked_out(self) -> int:
        """How many are in somebody's hands."""


class PoolWatch(Protocol):
    """Is told at once, and must neither wait nor raise."""

    def watches(self, pool: Standing) -> None: ...
    def unwatches(self, pool: Standing) -> None: ...
    def opened(self) -> None: ...
    def closed(self) -> None: ...
    def failed(self) -> None:
        """One could not be opened, or broke."""

    def timed_out(self) -> None:
        """Somebody waited too long for one."""

    def waited(self, seconds: float) -> None:
        """Somebody had to wait for one, and got it."""

    def leaked(self, leak: Leak) -> None: ...
    def saw_snapshot(self, age_s: float) -> None:
        """The oldest that somebody keeps of this database: nothing that died since can be cleared away."""


class Unwatching:
    """Watches nothing."""

    def watches(self, pool: Standing) -> None: ...
    def unwatches(self, pool: Standing) -> None: ...
    def opened(self) -> None: ...
    def closed(self) -> None: ...
    def failed(self) -> None: ...
    def timed_out(self) -> None: ...
    def waited(self, seconds: float) -> None: ...
    def leaked(self, leak: Leak) -> None: ...
    def saw_snapshot(self, age_s: float) -> None: ...
