"""A place of the site: where it is, what it does, who answers.

A place's content follows from the seed and the address alone, so every address can be asked again anywhere.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from random import Random

from aiohttp import web

SEED = web.AppKey("seed", int)

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """`example` is an address of this place that can be asked as it stands."""

    pattern: str
    example: str
    sentence: str
    handler: Handler
    method: str = "GET"


def chance_of(seed: int, path: str) -> Random:
    """The randomness of one path: the same on every machine and Python, for strings are seeded by their SHA-512."""
    return Random(f"{seed}{path}")


def number_in(request: web.Request, name: str, *, default: int, most: int) -> int:
    """Read a whole number from 0 to `most` out of the query; anything else is a 400."""
    given = request.query.get(name, str(default))
    if not (given.isascii() and given.isdigit() and len(given) < 10 and int(given) <= most):
        raise web.HTTPBadRequest(text=f"{name} is a whole number from 0 to {most}\n")
    return int(given)
