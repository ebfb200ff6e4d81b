"""Measures durable single submits through the API against a bare aiohttp.web handler that does nothing.

In interleaved pairs: both servers on one core, who asks on the other. Jobs are for tomorrow, so that none is fetched.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import orjson
import uvloop
from aiohttp import web

from perf.pairs import Pairs
from perf.process import running
from perf.report import Result
from perf.scenarios.hammer import Blows, hammered


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--requests", type=int, default=10_000)
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--server-cpu", type=int, default=0)
    parser.add_argument("--client-cpu", type=int, default=1)


def run(args: Namespace) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_pairs(args))


async def _pairs(args: Namespace) -> Result:
    tomorrow = (datetime.now(UTC) + timedelta(days=1)).isoformat()
    body = orjson.dumps({"url": "http://127.0.0.1:9/page", "run_at": tomorrow})
    much = {"requests": args.requests, "connections": args.connections}
    bare: list[float] = []
    ours: list[float] = []
    with TemporaryDirectory() as folder:
        environment = {"DATABASE_URL": f"sqlite:///{Path(folder) / 'submit.db'}", "PORT": "0", "LOG_FORMAT": "json"}
        async with (
            running("perf.scenarios.submit", (), cpu=args.server_cpu) as nothing,
            running("actors", ("serve",), cpu=args.server_cpu, env=environment) as daemon,
        ):
            for _ in range(args.rounds):
                bare.append(_all(202, await hammered(f"{nothing.url}/", body, **much)))
                ours.append(_all(202, await hammered(f"{daemon.url}/api/v1/scrape", body, **much)))
    pairs = Pairs(unit="submits/s", ours=ours, bare=bare)
    numbers = {
        **pairs.spread(),
        "submits_per_s": round(median(ours)),
        "bare_per_s": round(median(bare)),
    }
    return Result(scenario="submit", settings=vars(args), numbers=numbers, pairs={"submit": pairs})


def _all(status: int, blows: Blows) -> float:
    if set(blows.statuses) != {status}:
        raise ValueError(f"not every answer was {status}: {blows.statuses}")
    return blows.per_second


async def _nothing(request: web.Request) -> web.Response:
    await request.read()
    return web.Response(status=202, body=b"{}", content_type="application/json")


async def _serve() -> None:
    app = web.Application()
    app.router.add_post("/", _nothing)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as serving:
        serving.run(_serve())
