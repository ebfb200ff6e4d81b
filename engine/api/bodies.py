"""What comes in as JSON: read once, checked as a whole, every field that is wrong named at once.

Text that a database cannot keep (U+0000, lone surrogates) is refused wherever it stands.
"""

from collections.abc import Collection, Iterator
from typing import Any, TypeVar

import orjson
from aiohttp import web
from aiohttp.hdrs import CONTENT_TYPE
from pydantic import BaseModel, ValidationError

from engine.api.admission import PAID
from engine.api.answers import FieldError
from engine.api.errors import BadRequestError, InvalidInputError, UnsupportedMediaError
from engine.api.services import Services
from engine.api.written import JSON

FORM = "application/x-www-form-urlencoded"
TYPES = frozenset({JSON})
MOST_ERRORS = 100
LONGEST_NAME = 200

M = TypeVar("M", bound=BaseModel)


async def read_json(request: web.Request, model: type[M], services: Services) -> M:
    """Raises UnsupportedMediaError, BadRequestError if it is no JSON, InvalidInputError if it does not fit."""
    return validated(model, await read_document(request), services=services)


async def read_document(request: web.Request) -> Any:
    """What the body says, not checked yet. Raises what read_body and document_of do."""
    return document_of(await read_body(request))


async def read_body(request: web.Request) -> bytes:
    """All of it, once. Raises UnsupportedMediaError, BadRequestError, BodyTooLargeError, OverloadedError."""
    if not claims(request):
        raise UnsupportedMediaError
    if (raw := request._read_bytes) is not None:  # noqa: SLF001 - it came small, with its head
        return raw
    try:
        raw = await request.read()
    except (web.RequestPayloadError, ConnectionError) as error:
        raise BadRequestError("the body did not come whole") from error
    await request[PAID].to_read(raw)
    return raw


def document_of(raw: bytes) -> Any:
    """Raises BadRequestError if it is no JSON, InvalidInputError for text that cannot be kept."""
    try:
        document = orjson.loads(raw)
    except orjson.JSONDecodeError as error:
        raise _no_json(error) from error
    if b"\\u0000" in raw:
        _refuse_nul(document)
    return document


def validated(model: type[M], document: Any, *, services: Services | None = None) -> M:
    try:
        found: M = model.__pydantic_validator__.validate_python(document, context=services)
    except ValidationError as error:
        raise InvalidInputError(*_complaints(error)) from error
    return found


def claims(request: web.Request, types: Collection[str] = TYPES) -> bool:
    """Is it of one of these types?

    No type at all will do, and so will what `curl -d` says; but not from a page: its Origin would be in the head.
    """
    if request.headers.get(CONTENT_TYPE) in types:  # most say no more than that
        return True
    if request.content_type == FORM or CONTENT_TYPE not in request.headers:
        return "Origin" not in request.headers
    return request.content_type in types


def _no_json(error: orjson.JSONDecodeError) -> Exception:
    if "surrogate in string" in error.msg:
        return InvalidInputError(FieldError(field="", message="text may not contain lone surrogates"))
    return BadRequestError(f"the body is not JSON: {error}")


def _refuse_nul(document: Any) -> None:
    found = next(_nuls(document), None)
    if found is not None:
        raise InvalidInputError(FieldError(field=_short(found), message="text may not contain U+0000"))


def _nuls(document: Any) -> Iterator[str]:
    """The paths of texts with U+0000. No recursion: a document may be deeper than Python's stack."""
    left = [("", document)]
    while left:
        path, value = left.pop()
        if isinstance(value, str) and "\0" in value:
            yield path
        elif isinstance(value, dict):
            left += [(path, name) for name in value]
            left += [(f"{path}.{name}".lstrip("."), each) for name, each in value.items()]
        elif isinstance(value, list):
            left += [(f"{path}.{at}".lstrip("."), each) for at, each in enumerate(value)]


def _complaints(error: ValidationError) -> Iterator[FieldError]:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    for each in found[:MOST_ERRORS]:
        field = _short(".".join(map(str, each["loc"])))
        yield FieldError(field=field, message=each["msg"].removeprefix("Value error, "))
    if len(found) > MOST_ERRORS:
        yield FieldError(field="", message=f"{len(found) - MOST_ERRORS} more")


def _short(name: str) -> str:
    return name if len(name) <= LONGEST_NAME else f"{name[:LONGEST_NAME]}..."
