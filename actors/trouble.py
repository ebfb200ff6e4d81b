"""What keeps the store from its work: told to the log, and remembered where it is for good."""

from collections.abc import Callable, Mapping
from typing import Protocol

from structlog.typing import FilteringBoundLogger

from engine.errors import StoreDamagedError, StoreError


class Leak(Protocol):
    """A connection that somebody does not give back."""

    @property
    def held_s(self) -> float: ...
    @property
    def stack(self) -> str:
        """Of who took it."""


class Trouble:
    """A full disk passes; a damaged file is damaged for as long as this process lasts."""

    def __init__(self, *, log: FilteringBoundLogger, on_damage: Callable[[], None]) -> None:
        self._log = log
        self._on_damage = on_damage
        self.damage: str | None = None

    def is_deaf(self, why: str) -> None:
        self._log.warning("store.not_listening", why=why)

    def cache_is_down(self, why: str) -> None:
        self._log.warning("cache.shared_level_down", why=why)

    def leaked(self, leak: Leak) -> None:
        self._log.warning("store.connection_leaked", held_s=leak.held_s, stack=leak.stack)

    def took_back(self, fates: Mapping[str, int]) -> None:
        """What others had when they died."""
        self._log.warning("jobs.taken_back", **fates)

    def heard(self, error: StoreError) -> None:
        if not isinstance(error, StoreDamagedError):
            self._log.warning("store.waits", why=str(error))
        elif self.damage is None:
            self.damage = str(error)
            self._log.error("store.damaged", why=self.damage)
            self._on_damage()
