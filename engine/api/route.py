"""One route as people, the router and the OpenAPI document see it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiohttp import web
from pydantic import BaseModel

from engine.api.written import JSON

MEBIBYTE = 1024 * 1024
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Media:
    """An answer that is no JSON, or lines of it."""

    types: tuple[str, ...]
    lines: tuple[Any, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """`answers` names a typed dict or media for each status; `refusals` are statuses with the error body."""

    method: str
    path: str
    handler: Handler
    summary: str
    answers: Mapping[int, Any]
    refusals: tuple[int, ...] = ()
    body: type[BaseModel] | None = None
    body_type: str = JSON
    most_bytes: int = 10 * MEBIBYTE
    """Of its body."""
    most_jobs: int = 1
    """In its body."""
    query: type[BaseModel] | None = None
    takes_key: bool = False
    """Does a header Idempotency-Key make it happen once?"""
