"""Takes in what an analysis under load found, so that it stands among the metrics; from this machine only."""

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field

from engine.api.about import BottlenecksCounted
from engine.api.admin import is_from_here
from engine.api.bodies import read_json
from engine.api.errors import FromElsewhereError
from engine.api.rendering import json_answer
from engine.api.services import SERVICES
from engine.jobs.bottleneck import Bottleneck


class FoundBottlenecks(BaseModel):
    """What one analysis found."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    types: list[Bottleneck] = Field(min_length=1, max_length=len(Bottleneck), description="each is counted once")


async def count_bottlenecks(request: web.Request) -> web.StreamResponse:
    if not is_from_here(request.remote, request.headers):
        raise FromElsewhereError
    services = request.app[SERVICES]
    found = await read_json(request, FoundBottlenecks, services)
    kinds = sorted(set(found.types))
    services.bottlenecks(kinds)
    return json_answer(BottlenecksCounted(counted=kinds))
