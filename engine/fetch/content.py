"""What a request carries besides its headers: parameters in the query, data in the body.

Data goes as JSON unless the request's Content-Type says that it is a form.
"""

from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import urlencode

import orjson
from multidict import CIMultiDict

from engine.fetch.problem import ProblemError
from engine.jobs.address import AddressError, canonical
from engine.jobs.outcome import ErrorType
from engine.jobs.request import Request

FORM = "application/x-www-form-urlencoded"
JSON = "application/json"


def with_params(url: str, params: Mapping[str, Any]) -> str:
    """Added to the query that is there. Raises ProblemError when the URL gets too long."""
    start, hash_, fragment = url.partition("#")
    path, _, query = start.partition("?")
    added = "&".join(filter(None, (query, _form(params))))
    try:
        return canonical(f"{path}?{added}{hash_}{fragment}").url
    except AddressError as error:
        raise ProblemError(ErrorType.INVALID_URL, str(error), may_have_left=False) from error


def target_of(request: Request) -> str | None:
    """The URL that is asked for first, without its fragment; None if its parameters make it none."""
    if not request.params:
        return request.url.partition("#")[0]
    try:
        return with_params(request.url, request.params).partition("#")[0]
    except ProblemError:
        return None


def body_of(data: Mapping[str, Any], headers: CIMultiDict[str]) -> bytes:
    """Names the type in the headers where the user did not."""
    kind = headers.setdefault("Content-Type", JSON).partition(";")[0].strip().lower()
    return _form(data).encode() if kind == FORM else _json(dict(data))


def _form(values: Mapping[str, Any]) -> str:
    try:
        return urlencode(list(_pairs(values)))
    except UnicodeEncodeError as error:
        raise _unwritable() from error


def _json(value: Any) -> bytes:
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise _unwritable() from error


def _unwritable() -> ProblemError:
    return ProblemError(ErrorType.INTERNAL, "the request's data cannot be written", may_have_left=False)


def _pairs(values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """A list gives its name again and again; null gives nothing."""
    for name, value in values.items():
        for each in value if isinstance(value, list | tuple) else (value,):
            if each is not None:
                yield name, each if isinstance(each, str) else _json(each).decode()
