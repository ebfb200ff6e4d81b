"""The port through which the kernel is watched.

An observer must return at once and must not raise: it stands in the middle of a crash.
"""

from typing import Protocol

from engine.runtime.events import Event


class Observer(Protocol):
    def saw(self, event: Event) -> None: ...


class Unobserving:
    """Looks away."""

    def saw(self, event: Event) -> None:
        pass
