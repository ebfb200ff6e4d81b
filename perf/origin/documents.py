"""JSON documents, as an API would serve them.

Each is an object of a few records with text, numbers and nothing at all in them.
"""

from random import Random

import orjson
from aiohttp import web

from perf.origin.place import SEED, chance_of
from perf.origin.prose import phrase


def document_body(seed: int, n: int) -> bytes:
    """The bytes of `/json/{n}`."""
    chance = chance_of(seed, f"/json/{n}")
    return orjson.dumps({"id": n, "items": [_item(chance, at) for at in range(chance.randrange(1, 20))]})


async def document(request: web.Request) -> web.Response:
    body = document_body(request.app[SEED], int(request.match_info["n"]))
    return web.Response(body=body, content_type="application/json")


def _item(chance: Random, at: int) -> dict[str, object]:
    return {"at": at, "name": phrase(chance, 3), "price": chance.randrange(10_000) / 100, "note": None}
