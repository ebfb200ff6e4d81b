"""What only who stands at the machine may ask for, until there are keys."""

from collections.abc import Mapping
from ipaddress import IPv6Address, ip_address

from aiohttp import web
from pydantic import Field

from engine.api.answers import GrownLine, MemorySnapshot
from engine.api.errors import FromElsewhereError
from engine.api.parameters import Parameters, read_query
from engine.api.rendering import json_answer
from engine.api.services import SERVICES
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


async def memory_snapshot(request: web.Request) -> web.Response:
    if not is_from_here(request.remote, request.headers):
        raise FromElsewhereError
    services, seconds = request.app[SERVICES], read_query(request, SnapshotQuery).seconds
    try:
        with services.closing.cuts():
            found = await services.snapshot(seconds)
    except Aborted as error:
        raise StoppingError from error
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


def is_from_here(peer: str | None, headers: Mapping[str, str]) -> bool:
    """By the connection itself; a header can only take away."""
    if peer is None or any(name in headers for name in OF_OTHERS):
        return False
    address = ip_address(peer.partition("%")[0])
    mapped = address.ipv4_mapped if isinstance(address, IPv6Address) else None
    return (mapped or address).is_loopback
