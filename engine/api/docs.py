"""The API described: for machines at /openapi.json, for people at /docs."""

from collections.abc import Callable
from functools import cached_property

from aiohttp import web

from engine.api.docs_page import PAGE
from engine.api.written import JSON


class Document:
    """The OpenAPI document, written when it is first asked for: a start does not wait for it."""

    def __init__(self, write: Callable[[], bytes]) -> None:
        self._write = write

    @cached_property
    def text(self) -> bytes:
        return self._write()


DOCUMENT = web.AppKey("document", Document)


async def document(request: web.Request) -> web.Response:
    return web.Response(body=request.app[DOCUMENT].text, headers={"Content-Type": JSON})


async def page(_: web.Request) -> web.Response:
    """The page asks no other host, and is told not to."""
    return web.Response(body=PAGE.encode(), headers=HEADERS)


HEADERS = {
    "Content-Type": "text/html; charset=utf-8",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline';"
    " connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    "X-Content-Type-Options": "nosniff",
}
