"""What only who stands at the machine may ask for, until there are keys."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from ipaddress import IPv6Address, ip_address
from typing import Literal

from aiohttp import web
from pydantic import Field

from engine.api.about import GrownLine, MemorySnapshot
from engine.api.errors import ClientGoneError, FromElsewhereError
from engine.api.parameters import Parameters, read_query
from engine.api.presence import is_gone, while_there
from engine.api.profile import Profile, cpu_told, tasks_told
from engine.api.rendering import json_answer
from engine.api.services import SERVICES, Services
from engine.errors import StoppingError
from engine.runtime import Aborted

OF_OTHERS = ("Forwarded", "X-Forwarded-For", "X-Forwarded-Host", "X-Real-IP", "Via", "Origin")
"""Who sends one of these asks for somebody else: a proxy, or a page in a browser. None of them opens anything."""
OVERHEAD = (
    "every allocation is slower while tracing lasts, and the loop stands still while the traces are copied at its end"
)


class SnapshotQuery(Parameters):
    """How long to look."""

    seconds: float = Field(10, ge=1, le=60, allow_inf_nan=False, description="how long allocations are traced")


class ProfileQuery(Parameters):
    """What to look at, and how long."""

    kind: Literal["cpu", "tasks"] = Field("cpu", description="threads for a while, or once where all tasks wait")
    seconds: float = Field(
        30, ge=1, le=300, allow_inf_nan=False, description="how long threads are sampled; tasks take no time"
    )


async def memory_snapshot(request: web.Request) -> web.StreamResponse:
    seconds = read_query(request, SnapshotQuery).seconds
    with _looking(request) as services:
        found = await services.snapshot(seconds)
    lines = [
        GrownLine(
            file=each.file, line=each.line, size_bytes=each.size_bytes, count=each.count, held_bytes=each.held_bytes
        )
        for each in found.lines
    ]
    return json_answer(
        MemorySnapshot(
            seconds=seconds,
            grown=lines,
            traced_bytes=found.traced_bytes,
            tracing_bytes=found.tracing_bytes,
            overhead=OVERHEAD,
        )
    )


async def profile(request: web.Request) -> web.StreamResponse:
    asked = read_query(request, ProfileQuery)
    with _looking(request) as services:
        if asked.kind == "tasks":
            return json_answer(Profile(kind="tasks", cpu=None, tasks=tasks_told(services.profiler.tasks())))
        return json_answer(Profile(kind="cpu", cpu=cpu_told(await services.profiler.cpu(asked.seconds)), tasks=None))


@contextmanager
def _looking(request: web.Request) -> Iterator[Services]:
    """For who may; it ends when the service does, and when nobody is there any more who asked."""
    if not is_from_here(request.remote, request.headers):
        raise FromElsewhereError
    services = request.app[SERVICES]
    try:
        with services.closing.cuts(), while_there(request):
            yield services
    except Aborted as error:
        raise (ClientGoneError if is_gone(request) else StoppingError) from error


def is_from_here(peer: str | None, headers: Mapping[str, str]) -> bool:
    """By the connection itself; a header can only take away."""
    if peer is None or any(name in headers for name in OF_OTHERS):
        return False
    address = ip_address(peer.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
