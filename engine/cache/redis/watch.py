"""The port through which a server is watched. A watch must return at once and must not raise."""

from typing import Protocol


class Watch(Protocol):
    def connected(self) -> None: ...
    def disconnected(self) -> None: ...
    def failed(self) -> None:
        """A call, or a probe, for which the server could not be reached or did not answer in time."""

    def piped(self) -> None:
        """Several commands went in one round trip."""

    def unreadable(self) -> None:
        """A value that nobody can read."""

    def took(self, operation: str, seconds: float) -> None: ...
    def stands(self, *, is_up: bool, connections: int, available: int) -> None:
        """Of so many connections there may be at most, so many are free to be used."""
