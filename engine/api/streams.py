"""Jobs come in as lines without end, and each line is answered by one once it is on the disk.

No more is read than is committed, nor is more committed than the client takes answers of;
while memory is short, nothing is read.
"""

from aiohttp import web

from engine.api.answers import FieldError
from engine.api.bodies import claims
from engine.api.errors import InvalidInputError, UnsupportedMediaError
from engine.api.idempotency import HEADER
from engine.api.intake import WIDTH, Intake
from engine.api.lines import Lines
from engine.api.rendering import NDJSON
from engine.api.services import SERVICES, Services
from engine.api.visit import VISIT
from engine.runtime import Aborted

LINE_LIMIT = 1024 * 1024
STREAM_BYTES = 2 * LINE_LIMIT
"""What a stream holds: lines on their way, what they were parsed into, answers that the client has not taken."""
TYPES = frozenset({NDJSON, "application/jsonl", "application/jsonlines", "application/x-jsonlines"})


async def submit_stream(request: web.Request) -> web.StreamResponse:
    services = request.app[SERVICES]
    if not claims(request, TYPES):
        raise UnsupportedMediaError(f"The body must be lines of JSON: Content-Type {NDJSON}")
    if HEADER in request.headers:
        raise InvalidInputError(FieldError(field=HEADER, message="each line has an idempotency_key of its own"))
    async with services.admission.holding(STREAM_BYTES):
        answer = web.StreamResponse(headers={"Content-Type": NDJSON})
        await answer.prepare(request)
        with services.window(WIDTH) as window:
            intake = Intake(services=services, window=window, write=answer.write, trace=request[VISIT].trace)
            await _take_all(request, services, intake)
    return answer


async def _take_all(request: web.Request, services: Services, intake: Intake) -> None:
    lines = Lines(longest=LINE_LIMIT)
    while piece := await _piece(request, services):  # as large as the connection's buffer at the most
        for line in lines.of(piece):
            await intake.take(line)
        await intake.answer()
    if not services.closing.has_begun:
        await intake.take(lines.last())
        await intake.answer()


async def _piece(request: web.Request, services: Services) -> bytes:
    """Nothing at the end, or when the service stops. Raises ConnectionError when the client broke off."""
    try:
        with services.closing.cuts():
            await services.pressure.admitted()
            return await request.content.readany()
    except Aborted:
        return b""
    except web.RequestPayloadError as error:
        raise ConnectionResetError("the lines did not come whole") from error
