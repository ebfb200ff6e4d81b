"""Answers too long to be made at once: JSON with texts that come piece by piece, in the bytes it would have had.

A reader costs a few pieces, however long the answer is and however slowly it is taken.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from functools import partial

import orjson
from aiohttp import web

from engine.api.services import SERVICES, Decoding
from engine.runtime import Deadline, DeadlineExpired

PIECE = 32 * 1024
"""Of a text, decoded and written at a time: in JSON, at most six times as many bytes."""
LONGEST = 256 * 1024
"""Characters of a text that is still written at once: a body of more bytes is kept in pieces, too."""
READER_BYTES = 1024 * 1024
"""What a reader holds; measured: perf run readers."""
TAKEN_WITHIN_S = 60.0
"""A reader that has not taken a piece by then has gone."""
KEPT = b"\0"
"""What is kept of a long answer in its place: it is read anew each time. No JSON is like it."""
HOLE = orjson.Fragment(KEPT)

Pieces = AsyncGenerator[bytes, None]


class Long:
    """Stands in a document where a text would; to be written once. No dataclass: orjson knows those by itself."""

    def __init__(self, pieces: AsyncGenerator[str, None]) -> None:
        self.pieces = pieces


def text_of(text: str | None) -> str | Long | None:
    return text if text is None or len(text) <= LONGEST else Long(_sliced(text))


async def decoded(body: AsyncIterator[bytes], decoding: Decoding) -> AsyncGenerator[str, None]:
    async for piece in body:
        for at in range(0, len(piece), PIECE):
            yield decoding(piece[at : at + PIECE], is_last=False)
    yield decoding(b"", is_last=True)


async def written(document: object, option: int = 0) -> Pieces:
    """With the first piece comes the first of the first text: what is gone is found out before anything is written."""
    texts: list[Long] = []
    ahead, *others = orjson.dumps(document, partial(_left_open, texts), option).split(KEPT)
    for text, behind in zip(texts, others, strict=True):
        ahead += b'"'
        async with aclosing(text.pieces) as pieces:
            async for piece in pieces:
                yield ahead + orjson.dumps(piece)[1:-1]
                ahead = b""
        ahead += b'"' + behind
    yield ahead


async def encoded(text: Long) -> Pieces:
    async with aclosing(text.pieces) as pieces:
        async for piece in pieces:
            yield piece.encode()


async def streamed(
    request: web.Request, pieces: Pieces, headers: Mapping[str, str], *, size: int | None = None
) -> web.StreamResponse:
    """What goes wrong before the first piece is an answer of its own; later, the answer is broken off."""
    async with request.app[SERVICES].admission.holding(READER_BYTES), aclosing(pieces):
        first = await anext(pieces, b"")
        answer = web.StreamResponse(headers=headers)
        answer.content_length = size
        await answer.prepare(request)
        if request.method != "HEAD":
            await _taken(answer, first)
            async for piece in pieces:
                await _taken(answer, piece)
    return answer


async def _taken(answer: web.StreamResponse, piece: bytes) -> None:
    try:
        with Deadline(TAKEN_WITHIN_S):
            await answer.write(piece)
    except DeadlineExpired as error:
        raise ConnectionResetError("the client takes nothing any more") from error


async def _sliced(text: str) -> AsyncGenerator[str, None]:
    for at in range(0, len(text), PIECE):
        yield text[at : at + PIECE]


def _left_open(texts: list[Long], value: object) -> orjson.Fragment:
    if not isinstance(value, Long):
        raise TypeError(f"no JSON: {type(value).__name__}")
    texts.append(value)
    return HOLE
