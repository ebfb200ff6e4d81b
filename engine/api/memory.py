"""How memory stands, what is held back because of it, and how the last hour was."""

from aiohttp import web

from engine.api.rendering import json_answer
from engine.api.services import SERVICES


async def memory(request: web.Request) -> web.StreamResponse:
    return json_answer(request.app[SERVICES].memory())
