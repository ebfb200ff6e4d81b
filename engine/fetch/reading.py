"""Reads the body behind an answer's head, whatever it is folded in: never more than its cap, nor than is paid for."""

import aiohttp

from engine.fetch.answer import Answer, Response, Whole
from engine.fetch.coding import Inflater, inflater
from engine.fetch.intake import Body, Desk, Intake, too_large
from engine.fetch.limits import CHUNK_BYTES, PIECE_BYTES
from engine.jobs.footprint import AHEAD_BYTES, FLOOR_BYTES, STATE_BYTES, in_one_piece
from engine.jobs.request import Options

Unread = aiohttp.ClientResponse | Answer

FOLDING_COST = 1.01
"""What cannot be compressed gets larger by less than that, and some bytes."""


async def read_body(response: Response, options: Options, desk: Desk) -> Body:
    """Raises ProblemError for a body that is too large or damaged, and what aiohttp raises."""
    if isinstance(response, Whole):
        body, size = response.body, len(response.body)
        if size > options.max_body_bytes:
            raise too_large(options.max_body_bytes)
        await desk.pay(in_one_piece(size))
        return Body(body, body, size)
    if response.method == "HEAD" or response.status in {204, 304}:
        return Body(kept=b"", start=b"", size=0)
    folding = response.headers.get("content-encoding")
    undo = inflater(folding) if folding else None
    promised = response.content_length
    most = options.max_body_bytes if undo is None else int(options.max_body_bytes * FOLDING_COST) + CHUNK_BYTES
    if promised is not None and promised > most:
        raise too_large(options.max_body_bytes)
    if undo is None and promised is not None and promised <= CHUNK_BYTES:
        await desk.pay(in_one_piece(promised))
        whole = await response.read()
        return Body(whole, whole, len(whole))
    ahead = FLOOR_BYTES if undo is None else _ahead_of_unfolding(promised)
    intake = Intake(cap=options.max_body_bytes, keeps_whole=options.wants_extraction, ahead=ahead, desk=desk)
    await intake.make_room()
    if undo is None:
        await _copy(response, intake)
    else:
        await _unfold(response, undo, intake, most)
    return await intake.end()


def _ahead_of_unfolding(promised: int | None) -> int:
    """What waits to be read, what was, and what of that is not unfolded yet."""
    waits = AHEAD_BYTES if promised is None else min(promised, AHEAD_BYTES)
    return STATE_BYTES + waits + 2 * min(waits, PIECE_BYTES)


async def _copy(response: Unread, intake: Intake) -> None:
    while piece := await response.content.read(PIECE_BYTES):
        await intake.add(piece)


async def _unfold(response: Unread, undo: Inflater, intake: Intake, most: int) -> None:
    """Folded bytes have a bound as well: a stream may go on for ever and unfold to nothing."""
    read = 0
    while folded := await response.content.read(PIECE_BYTES):
        read += len(folded)
        if read > most:
            raise too_large(most)
        for piece in undo.pieces(folded):
            await intake.add(piece)
    undo.end()
