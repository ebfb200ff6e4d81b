"""Places that are late and counted, and the sum of all counts: how often a site was asked for what it should give once.

The count stands when a request comes, not when it is answered: one that was cut off has come all the same.
"""

import asyncio

import orjson
from aiohttp import web

from perf.origin.counters import COUNTS, count

SHOWN = 20


async def delayed_count(request: web.Request) -> web.Response:
    told = await count(request)
    await asyncio.sleep(int(request.match_info["ms"]) / 1000)
    return told


async def counted(request: web.Request) -> web.Response:
    """Of all addresses that are counted: how many, how often, and some that were asked for more than once."""
    counts = request.app[COUNTS].all()
    again = [path for path, number in counts.items() if number > 1]
    told = {"addresses": len(counts), "requests": sum(counts.values()), "again": len(again), "such": again[:SHOWN]}
    return web.Response(body=orjson.dumps(told), content_type="application/json")
