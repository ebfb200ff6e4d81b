"""Plain answers, read without aiohttp's parser: a short head of usual fields, and a short body of a length it tells.

Whatever else comes is aiohttp's, from its first byte on, as if nobody had looked at it before. So this knows no error
of a site, and an answer that is broken off is told as aiohttp tells it.
"""

import asyncio
import re
from collections.abc import Callable

import aiohttp
from aiohttp.client_proto import ResponseHandler

from engine.fetch.answer import Fields, Whole
from engine.fetch.limits import MAX_HEADER_BYTES, READ_BYTES
from engine.jobs.footprint import AHEAD_BYTES

LONGEST_HEAD = 8 * 1024
LONGEST_BODY = AHEAD_BYTES // 2
"""As it came and joined, it is paid for before a fetch begins."""
LONGEST_LENGTH = len(str(LONGEST_BODY))
BODILESS = frozenset({b"204", b"304"})

_FIELD = rb"[!#$%&'*+.^_`|~0-9A-Za-z-]++:[\t -~]*+(?<![\t ])\r\n"
_LINES = rb"HTTP/1\.1 ([2-9]\d\d)(?: [ -~]*+)?+\r\n((?:" + _FIELD + rb"){0,128}+)"
"""No more fields than aiohttp takes."""
_HEAD = re.compile(_LINES + rb"\r\n")
_BEGUN = re.compile(_LINES + rb"[^\r\n]*\r?")
_FIELDS = re.compile(r"([^:]++):[\t ]*+([^\r]*+)\r\n")
_ONCE = ("content-length", "connection")


class Plain:
    """The body of such an answer that did not come with its head, and what that says; read to its end once."""

    __slots__ = ("_at_end", "_is_broken", "_pieces", "_protocol", "_waiter", "headers", "left", "status")

    def __init__(self, protocol: "PlainProtocol", status: int, headers: Fields, length: int) -> None:
        self.status = status
        self.headers = headers
        self._protocol = protocol
        self.left = length
        self._is_broken = False
        self._pieces: list[bytes] = []
        self._waiter: asyncio.Future[None] | None = None
        self._at_end: Callable[[], None] | None = None

    async def read(self, most: int = -1) -> bytes:
        """So much of what is left, or all of it, once all came. Raises what aiohttp does of a body that did not."""
        if self.left and not self._is_broken:
            self._waiter = self._protocol.loop.create_future()
            await self._waiter
        if self.left:
            _, content = await self._protocol.read()
            return await content.read(most)
        whole = self._pieces[0] if len(self._pieces) == 1 else b"".join(self._pieces)
        self._pieces = [] if most < 0 else [whole[most:]]
        return whole if most < 0 else whole[:most]

    def on_eof(self, act: Callable[[], None]) -> None:
        if self.left:
            self._at_end = act
        else:
            act()

    @property
    def heard(self) -> bytes:
        return b"".join(self._pieces)

    def feed(self, piece: bytes) -> None:
        """No more than what is left."""
        self._pieces.append(piece)
        self.left -= len(piece)
        if not self.left:
            if self._at_end is not None:
                self._at_end()
            self._wake()

    def break_off(self) -> None:
        """The rest will not come: aiohttp's parser has what did, and tells what became of it."""
        self._is_broken = True
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)


class PlainProtocol(ResponseHandler):
    """Of one connection: asks for plain answers where it is asked to, and is aiohttp's own otherwise."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self.loop = loop
        self._asker: asyncio.Future[Plain | Whole | None] | None = None
        self._heard = b""
        """While a head is awaited what came of it, and while a body is, the head."""
        self._plain: Plain | None = None

    @property
    def is_free(self) -> bool:
        """Is it open, and did nothing come that nobody had asked for? aiohttp would take it for the next answer."""
        return self.transport is not None and not self.transport.is_closing() and not self.should_close

    def ask(self, request: bytes) -> "asyncio.Future[Plain | Whole | None]":
        """Of one that is free or new: what is answered, once its head came; None where aiohttp is to read it.

        Raises ServerDisconnectedError where it is not open.
        """
        if self.transport is None:
            raise aiohttp.ServerDisconnectedError
        self._payload = None  # what was read before
        self._asker = asker = self.loop.create_future()
        self.transport.write(request)
        if self._tail:  # a new one, whose site spoke first: aiohttp takes that for the answer
            self._hand_over(b"")
        return asker

    def send(self, request: bytes, *, has_body: bool, read_s: float | None) -> None:
        """What is answered is read as aiohttp reads it. Raises as `ask`."""
        if self.transport is None:
            raise aiohttp.ServerDisconnectedError
        self._parse(has_body=has_body, read_s=read_s)
        self.start_timeout()
        self.transport.write(request)

    def _parse(self, *, has_body: bool = True, read_s: float | None = None) -> None:
        self.set_response_params(
            skip_payload=not has_body,
            read_until_eof=True,
            auto_decompress=False,
            read_timeout=read_s,
            read_bufsize=READ_BYTES,
            max_line_size=MAX_HEADER_BYTES,
            max_field_size=MAX_HEADER_BYTES,
        )

    def data_received(self, data: bytes) -> None:
        if self._plain is not None:
            self._feed(self._plain, data)
        elif self._asker is not None and not self._asker.done():
            self._hear(self._asker, self._heard + data if self._heard else data)
        else:
            super().data_received(data)

    def connection_lost(self, exc: BaseException | None) -> None:
        """In the middle of an answer."""
        if self._plain is not None:
            self._hand_over(self._plain.heard)
        elif self._asker is not None and not self._asker.done():
            self._hand_over(b"")
        super().connection_lost(exc)

    def _hear(self, asker: "asyncio.Future[Plain | Whole | None]", heard: bytes) -> None:
        found = _HEAD.match(heard, 0, LONGEST_HEAD)
        if found is None:
            self._heard = heard
            if len(heard) >= LONGEST_HEAD or not _BEGUN.fullmatch(heard):
                self._hand_over(b"")
            return
        headers = Fields(tuple(_FIELDS.findall(found[2].decode("ascii"))))
        body = heard[found.end() :]
        left = _length(found[1], headers) - len(body)
        if left < 0:
            self._heard = heard
            self._hand_over(b"")
            return
        self._heard, self._asker = b"", None
        if not left:
            asker.set_result(Whole(int(found[1]), headers, body))
            return
        plain = Plain(self, int(found[1]), headers, left + len(body))
        self._heard, self._plain = found[0], plain
        if body:
            plain.feed(body)
        asker.set_result(plain)

    def _feed(self, plain: Plain, data: bytes) -> None:
        if len(data) > plain.left:  # the answer is whole, but nobody knows what this connection says next
            self.force_close()
            data = data[: plain.left]
        if len(data) == plain.left:
            self._heard, self._plain = b"", None
        plain.feed(data)

    def _hand_over(self, rest: bytes) -> None:
        """What was heard of an answer, to aiohttp's parser."""
        heard, plain, asker = self._heard + rest, self._plain, self._asker
        self._heard, self._plain, self._asker = b"", None, None
        self._parse()
        if heard:
            super().data_received(heard)
        if plain is not None:
            plain.break_off()
        elif asker is not None and not asker.done():
            asker.set_result(None)


def _length(status: bytes, headers: Fields) -> int:
    """Of the body; below 0 where such an answer is not plain."""
    length = headers.get("content-length", "")
    is_plain = (
        length.isdigit()
        and len(length) <= LONGEST_LENGTH
        and status not in BODILESS
        and headers.get("connection", "keep-alive").lower() == "keep-alive"
        and "transfer-encoding" not in headers
        and "content-encoding" not in headers
        and "upgrade" not in headers
        and (len(headers) == len(headers.pairs) or all(len(headers.getall(name, [])) < 2 for name in _ONCE))
    )
    return int(length) if is_plain and int(length) <= LONGEST_BODY else -1
