"""An answer of JSON that is there as a whole.

What the usual request is answered with, HTTP/1.1 on a connection that stays, leaves in one piece and as it was put
together here: aiohttp's way, through a multidict and signals, takes longer than most handlers. All others go that way.
"""

from collections.abc import Mapping
from types import MappingProxyType

from aiohttp import hdrs, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http import SERVER_SOFTWARE, HttpVersion11

JSON = "application/json"
NONE: Mapping[str, str] = MappingProxyType({})


class Written(web.StreamResponse):
    """`headers` are ours, and hold no line breaks: they are sent as they are."""

    def __init__(self, body: bytes, *, status: int, headers: Mapping[str, str] = NONE) -> None:
        super().__init__(status=status)
        self._whole = body
        self._more = headers
        self._signature = NONE
        self._is_sent = False

    def sign(self, headers: Mapping[str, str]) -> None:
        """With what every answer has."""
        self._signature = headers

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        stays = request.keep_alive and super().keep_alive is None
        if stays and request.version == HttpVersion11 and request.method != hdrs.METH_HEAD:
            self._is_sent = True
            await request.writer.write_eof(self._head() + self._whole)
            return None
        self.content_type = JSON
        self.content_length = len(self._whole)
        self.headers.update({**self._more, **self._signature})
        if request.method == hdrs.METH_HEAD:
            self._whole = b""
        return await super().prepare(request)

    async def write_eof(self, data: bytes = b"") -> None:
        if not self._is_sent:
            await super().write_eof(data or self._whole)

    @property
    def keep_alive(self) -> bool | None:
        return self._is_sent or super().keep_alive

    def _head(self) -> bytes:
        head = (
            f"HTTP/1.1 {self.status} {self.reason}\r\nContent-Type: {JSON}\r\nContent-Length: {len(self._whole)}\r\n"
            f"Date: {rfc822_formatted_time()}\r\nServer: {SERVER_SOFTWARE}\r\n"
        )
        for headers in (self._more, self._signature):
            for name, value in headers.items():
                head += f"{name}: {value}\r\n"
        return f"{head}\r\n".encode()
