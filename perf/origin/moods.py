"""Pages that are as the site's mood is, which can be changed while it is asked: late, or refused.

What is under way when it changes ends as it began.
"""

import asyncio
from dataclasses import dataclass

import orjson
from aiohttp import web

from perf.origin.delays import LONGEST_MS
from perf.origin.pages import page
from perf.origin.place import number_in


@dataclass(slots=True, kw_only=True)
class Mood:
    """As long as the server lives."""

    delay_ms: int = 0
    status: int = 200


MOOD = web.AppKey("mood", Mood)


async def mood(request: web.Request) -> web.Response:
    """Tells it, and sets what the query names: `?delay_ms=`, `?status=`."""
    now = request.app[MOOD]
    now.delay_ms = number_in(request, "delay_ms", default=now.delay_ms, most=LONGEST_MS)
    now.status = number_in(request, "status", default=now.status, most=599)
    told = {"delay_ms": now.delay_ms, "status": now.status}
    return web.Response(body=orjson.dumps(told), content_type="application/json")


async def moody_page(request: web.Request) -> web.Response:
    now = request.app[MOOD]
    status = now.status
    await asyncio.sleep(now.delay_ms / 1000)
    return await page(request) if status == 200 else web.Response(status=status)
