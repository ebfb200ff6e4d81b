"""An answer of JSON that is there as a whole.

What the usual request is answered with, HTTP/1.1 on a connection that stays, leaves in one piece and as it was put
together here: aiohttp's way, through a multidict and signals, takes longer than most handlers. All others go that way.
"""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType

from aiohttp import hdrs, web
from aiohttp.abc import AbstractStreamWriter
from aiohttp.helpers import rfc822_formatted_time
from aiohttp.http import SERVER_SOFTWARE, HttpVersion11

JSON = "application/json"
NONE: Mapping[str, str] = MappingProxyType({})
_REASONS = {status.value: status.phrase for status in HTTPStatus}


class Written(web.StreamResponse):
    """`headers` are ours, and hold no line breaks: they are sent as they are. It is sent as a whole when prepared."""

    def __init__(self, body: bytes, *, status: int, headers: Mapping[str, str] = NONE) -> None:
        """Without aiohttp's beginnings: none of that is needed where it is only put together."""
        self._whole = body
        self._status = status
        self._more = headers
        self._stays: bool | None = True
        self.signature = ""
        """What every answer has, lines of a head. Who is not signed leaves aiohttp's way, which signs too."""

    async def prepare(self, request: web.BaseRequest) -> AbstractStreamWriter | None:
        if self.signature and _is_usual(request):
            await request.writer.write_eof(self._head() + self._whole)
            return None
        answer = web.Response(body=self._whole, status=self._status, headers=self._more, content_type=JSON)
        await answer.prepare(request)
        await answer.write_eof()
        self._stays = answer.keep_alive
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        """It is sent."""

    @property
    def keep_alive(self) -> bool | None:
        return self._stays

    def _head(self) -> bytes:
        more = "".join([f"{name}: {value}\r\n" for name, value in self._more.items()])
        return (
            f"HTTP/1.1 {self._status} {_REASONS[self._status]}\r\nContent-Type: {JSON}\r\n"
            f"Content-Length: {len(self._whole)}\r\nDate: {rfc822_formatted_time()}\r\nServer: {SERVER_SOFTWARE}\r\n"
            f"{more}{self.signature}\r\n"
        ).encode()


def _is_usual(request: web.BaseRequest) -> bool:
    asked = request._message  # noqa: SLF001 - as it came, without a call for each of the three
    return not asked.should_close and asked.version == HttpVersion11 and asked.method != hdrs.METH_HEAD
