"""A site that says exactly what it was told to say, byte for byte, and remembers what it was asked."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

SILENCE = b""
"""Instead of an answer: hang up."""


@dataclass(kw_only=True)
class Site:
    """Gives its answers in turn, over however many connections; after the last it hangs up."""

    answers: list[bytes]
    closes: bool = True
    """Hang up after each answer."""
    ends: bool = False
    """Hang up after the last."""
    piece_bytes: int | None = None
    """Write so many at a time."""
    asked: list[bytes] = field(default_factory=list)
    connections: int = 0
    writers: list[asyncio.StreamWriter] = field(default_factory=list)
    """Of each connection."""
    url: str = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.writers.append(writer)
        try:
            while request := await _request(reader):
                self.asked.append(request)
                answer = self.answers.pop(0) if self.answers else SILENCE
                await self._say(answer, writer)
                if self.closes or answer == SILENCE or (self.ends and not self.answers):
                    return
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.LimitOverrunError):
            return
        finally:
            writer.close()

    async def _say(self, answer: bytes, writer: asyncio.StreamWriter) -> None:
        size = self.piece_bytes or max(len(answer), 1)
        for start in range(0, len(answer), size):
            writer.write(answer[start : start + size])
            await writer.drain()
            await asyncio.sleep(0)


async def _request(reader: asyncio.StreamReader) -> bytes:
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError:
        return b""
    lengths = [line.partition(b":")[2] for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:")]
    return head + await reader.readexactly(int(lengths[0]) if lengths else 0)


@asynccontextmanager
async def saying(
    *answers: bytes, closes: bool = True, over_tls: bool = False, ends: bool = False, piece_bytes: int | None = None
) -> AsyncIterator[Site]:
    """Over TLS with a certificate that nobody has signed but itself."""
    site = Site(answers=list(answers), closes=closes, ends=ends, piece_bytes=piece_bytes)
    server = await asyncio.start_server(site.serve, "127.0.0.1", 0, ssl=_tls() if over_tls else None)
    site.url = f"{'https' if over_tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield site
    finally:
        server.close()
        await server.wait_closed()


def _tls() -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(Path(__file__).with_name("localhost.pem"))
    return context


def answer(body: bytes = b"", *, status: str = "200 OK", **headers: str) -> bytes:
    """A well-formed one; `content_type="text/html"` gives the header of that name."""
    given = {"Content-Length": str(len(body)), **{name.replace("_", "-"): value for name, value in headers.items()}}
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"HTTP/1.1 {status}\r\n{lines}\r\n".encode() + body
