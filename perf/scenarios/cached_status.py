"""Measures GET of a finished job against a bare aiohttp.web handler that sends the same bytes.

In interleaved rounds, by the servers' own processor time, which nobody else on the machine changes: answers a second of
it.
"""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import aiohttp
import orjson
import uvloop
from aiohttp import web

from perf.pairs import Pairs
from perf.process import running
from perf.report import Result
from perf.scenarios.hammer import answers_per_cpu_s


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
    bare: list[float] = []
    ours: list[float] = []
    much = {"status": 200, "requests": args.requests, "connections": args.connections}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "answer.json"
        environment = {"DATABASE_URL": f"sqlite:///{folder}/jobs.db", "PORT": "0", "LOG_FORMAT": "json"}
        async with (
            running("perf", ("origin", "--port", "0"), cpu=args.client_cpu) as site,
            running("actors", ("serve",), cpu=args.server_cpu, env=environment) as daemon,
        ):
            url = await finished(daemon.url, f"{site.url}/page/1")
            size_bytes = path.write_bytes(await answer_of(url))
            async with running("perf.scenarios.cached_status", (str(path),), cpu=args.server_cpu) as nothing:
                for _ in range(args.rounds):
                    bare.append(await answers_per_cpu_s(nothing, f"{nothing.url}/", **much))
                    ours.append(await answers_per_cpu_s(daemon, url, **much))
    pairs = Pairs(unit="answers/cpu s", ours=ours, bare=bare)
    numbers = {
        **pairs.spread(),
        "cached_per_cpu_s": round(median(ours)),
        "bare_per_cpu_s": round(median(bare)),
        "answer_bytes": size_bytes,
    }
    return Result(scenario="cached_status", settings=vars(args), numbers=numbers, pairs={"status": pairs})


async def finished(service: str, url: str) -> str:
    """Where the status of a job is that has fetched the URL."""
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{service}/api/v1/scrape", data=orjson.dumps({"url": url}), headers=JSON) as answer:
            place = f"{service}/api/v1/scrape/{orjson.loads(await answer.read())['job_id']}"
        async with session.get(f"{place}?wait=20") as answer:
            status = orjson.loads(await answer.read())["status"]
    if status != "completed":
        raise ValueError(f"the job is {status}")
    return place


async def answer_of(place: str) -> bytes:
    async with aiohttp.ClientSession() as session, session.get(place) as answer:
        return await answer.read()


JSON = {"Content-Type": "application/json"}


async def _serve(body: bytes) -> None:
    async def same(_: web.Request) -> web.Response:
        return web.Response(body=body, content_type="application/json")

    app = web.Application()
    app.router.add_get("/", same)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    print(f"http://127.0.0.1:{runner.addresses[0][1]}", flush=True)
    await asyncio.Event().wait()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as serving:
        serving.run(_serve(Path(sys.argv[1]).read_bytes()))
