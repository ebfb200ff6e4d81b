"""A site's answer, once its head is here: as aiohttp's session hands it out, or from a connection without a session."""

from collections.abc import Callable
from typing import Protocol

import aiohttp
from aiohttp.connector import Connection
from multidict import MultiMapping


class Content(Protocol):
    """A body on its way."""

    async def read(self, most: int = -1, /) -> bytes: ...
    def on_eof(self, act: Callable[[], None], /) -> None: ...


class Fields(dict[str, str]):
    """Of a head: the first value of each, by its name in lower case; `pairs` are all of them, as they came."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: tuple[tuple[str, str], ...]) -> None:
        for name, value in reversed(pairs):
            self[name.lower()] = value
        self.pairs = pairs

    def getall(self, name: str, default: list[str]) -> list[str]:
        return [value for each, value in self.pairs if each.lower() == name] or default


Headers = Fields | MultiMapping[str]
"""Asked by names in lower case."""


class Answer:
    """What is asked of a ClientResponse here. Its connection goes back with the body's last byte."""

    __slots__ = ("_connection", "content", "headers", "method", "status")

    def __init__(self, *, connection: Connection, method: str, status: int, headers: Headers, content: Content) -> None:
        self._connection: Connection | None = connection
        self.method = method
        self.status = status
        self.headers = headers
        self.content = content
        content.on_eof(self._end)

    @property
    def content_length(self) -> int | None:
        """Neither parser lets other than digits through."""
        promised = self.headers.get("content-length")
        return None if promised is None else int(promised)

    async def read(self) -> bytes:
        return await self.content.read()

    def close(self) -> None:
        """Ends the connection, unless all of the body came."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    def _end(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.release()


class Whole:
    """An answer to a GET that came at once, its body as it is; its connection has gone back."""

    __slots__ = ("body", "headers", "status")

    def __init__(self, status: int, headers: Fields, body: bytes) -> None:
        self.status = status
        self.headers = headers
        self.body = body

    def close(self) -> None:
        """Nothing is open."""


Response = aiohttp.ClientResponse | Answer | Whole
