"""An observer that remembers what it saw."""

from typing import TypeVar

from engine.runtime import Event

E = TypeVar("E")


class Witness:
    def __init__(self) -> None:
        self.events: list[Event] = []

    def saw(self, event: Event) -> None:
        self.events.append(event)

    def of(self, kind: type[E]) -> list[E]:
        return [event for event in self.events if isinstance(event, kind)]
