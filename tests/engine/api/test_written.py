"""An answer is the same whichever way it leaves: as it was put together, or through aiohttp."""

import asyncio

import pytest

from tests.engine.api.conftest import Client

WITHIN_S = 10.0


Answer = tuple[str, dict[str, str], bytes]
"""The status without the version, the headers that do not differ from answer to answer, the body."""


async def answered(client: Client, head: str, connection: str, *, times: int = 1) -> list[Answer]:
    """To so many requests that are sent at once."""
    reader, writer = await asyncio.open_connection(client.host, client.port)
    writer.write(f"{head}\r\nHost: a.test\r\nConnection: {connection}\r\nX-Request-ID: mine\r\n\r\n".encode() * times)
    try:
        async with asyncio.timeout(WITHIN_S):
            return [await told(reader, has_body=not head.startswith("HEAD")) for _ in range(times)]
    finally:
        writer.close()
        await writer.wait_closed()


async def told(reader: asyncio.StreamReader, *, has_body: bool) -> Answer:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().removesuffix("\r\n\r\n")
    first, *lines = head.split("\r\n")
    headers = dict(line.split(": ", 1) for line in lines)
    assert headers.pop("X-Response-Time").endswith("s")
    assert headers.pop("Date").endswith("GMT")
    body = await reader.readexactly(int(headers["Content-Length"])) if has_body else b""
    return first.partition(" ")[2], headers, body


@pytest.mark.parametrize("path", ["/api/v1/system/guarantees", "/api/v1/health/live"])
async def test_an_answer_is_the_same_on_every_kind_of_connection(client: Client, path: str) -> None:
    usual = await answered(client, f"GET {path} HTTP/1.1", "keep-alive", times=3)
    status, headers, body = usual[0]
    assert (status, headers["X-Request-ID"], usual) == ("200 OK", "mine", [usual[0]] * 3)
    closed = await answered(client, f"GET {path} HTTP/1.1", "close")
    assert closed == [(status, {**headers, "Connection": "close"}, body)]
    old = await answered(client, f"GET {path} HTTP/1.0", "keep-alive")
    assert old == [(status, {**headers, "Connection": "keep-alive"}, body)]
    assert await answered(client, f"HEAD {path} HTTP/1.1", "keep-alive") == [(status, headers, b"")]
