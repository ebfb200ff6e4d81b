"""Looks at one service and judges it: one of our own with what is planted in it, or one that is there already."""

import asyncio
import os
import signal
from argparse import Namespace
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import replace

import aiohttp
import uvloop

from perf.bottlenecks.analysis import Analysis
from perf.bottlenecks.evidence import Evidence
from perf.bottlenecks.finding import Finding
from perf.bottlenecks.inquiry import Inquiry
from perf.bottlenecks.plants import PLANTS
from perf.bottlenecks.ranking import ranked
from perf.load.ground import USUAL, Ground, Service, ground
from perf.process import ProcessError
from perf.servers.database import a_database

PATH = "/api/v1/admin/bottlenecks"
WITHIN = aiohttp.ClientTimeout(total=10)
DAEMON = "perf.bottlenecks.daemon"


def analysed(args: Namespace, name: str | None) -> Analysis:
    """Ctrl-C ends it early, with what was seen until then; it is not complete then."""
    if name is None:
        return uvloop.run(analyse(args, None, None))
    with a_database(PLANTS[name].database(args.database)) as database:
        return uvloop.run(analyse(args, name, database))


async def analyse(args: Namespace, name: str | None, database: str | None) -> Analysis:
    """Of the service at --host where there is no name of a plant."""
    stop, headers = asyncio.Event(), {"X-API-Key": args.api_key} if args.api_key else {}
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    load_before, *_ = os.getloadavg()
    seen: list[Evidence] = []
    try:
        async with _ground(args, name, database) as where:
            inquiry = Inquiry(
                ground=where,
                database_url=database or args.database_url,
                stop=stop,
                headers=headers,
                warm_up_s=args.warm_up,
                duration_s=args.duration,
            )
            seen.append(await inquiry.made(PLANTS[name] if name else None))
            if not await _told(where.url, headers, ranked(seen[0])):
                seen[0] = _without(seen[0], "the service did not take in what was found")
    except ProcessError as error:
        if not seen:
            raise
        seen[0] = _without(seen[0], f"an orderly end: {error}")
    return Analysis(plant=name, evidence=seen[0], findings=ranked(seen[0]), load_before=round(load_before, 1))


def _ground(args: Namespace, name: str | None, database: str | None) -> AbstractAsyncContextManager[Ground]:
    told = PLANTS[name].environment if name else {}
    service = Service(module=DAEMON, args=(name, "serve"), told=told) if name else USUAL
    return ground(args, database=database, service=service)


def _without(evidence: Evidence, what: str) -> Evidence:
    return replace(evidence, unknown=(*evidence.unknown, what))


async def _told(url: str, headers: Mapping[str, str], findings: Sequence[Finding]) -> bool:
    """Has the service count what was found, if anything was; it takes that from its own machine only."""
    types = [finding.kind for finding in findings]
    if not types:
        return True
    try:
        async with (
            aiohttp.ClientSession(timeout=WITHIN, headers=headers) as client,
            client.post(f"{url}{PATH}", json={"types": types}) as answer,
        ):
            return answer.status == 200
    except (aiohttp.ClientError, TimeoutError):
        return False
