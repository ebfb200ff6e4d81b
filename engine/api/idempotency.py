"""A key of the client's makes a submit happen once: what was answered to the first is answered to all that repeat it.

The store decides who was first; here it is only said what a repetition is.
"""

import re
from dataclasses import replace
from hashlib import sha256

from aiohttp import web

from engine.api.answers import FieldError
from engine.api.errors import InvalidInputError, KeyReusedError
from engine.api.fields import KEY
from engine.api.services import Services
from engine.jobs.command import Submit
from engine.jobs.once import Once
from engine.jobs.ports import Answer

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"

_KEY = re.compile(KEY[1:-1])


def key_of(request: web.Request) -> str | None:
    """None if there is none. Raises InvalidInputError."""
    if HEADER not in request.headers:
        return None
    key, *more = request.headers.getall(HEADER)
    if more or not _KEY.fullmatch(key):
        raise InvalidInputError(FieldError(field=HEADER, message="should be 1 to 255 visible ASCII characters, once"))
    return key


def once_of(*, key: str, route: str, raw: bytes, answer: bytes) -> Once:
    """What was asked is the route and the body, byte by byte."""
    digest = sha256(route.encode() + b"\n" + raw).hexdigest()
    return Once(key=key, digest=digest, answer=answer.decode())


async def commit_once(services: Services, submit: Submit, once: Once) -> str | None:
    """Has it submitted under the key; returns what was answered before if that is known. Raises KeyReusedError."""
    return answered_before(await services.commit(replace(submit, once=once)), once)


def answered_before(answer: Answer, once: Once) -> str | None:
    """What the store's answer to a submit with a key tells of. Raises KeyReusedError."""
    if not isinstance(answer, Once):
        return None
    if not once.repeats(answer):
        raise KeyReusedError
    return answer.answer
