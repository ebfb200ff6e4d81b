"""What a page costs the engine in microseconds of processor time, stage by stage: `python -m perf.bench.budget`.

Runs with probes and without take turns, and a bare client beside them; medians of all. The last lines say to how much
the stages add up, and what a page costs without probes.
"""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping
from datetime import timedelta
from statistics import median

import orjson
import uvloop

from actors.claimer import Claimer
from actors.fetcher import Fetcher
from actors.persister import Persister
from engine.cache.pages.cached_fetch import CachedFetch
from engine.fetch.client import Client
from engine.fetch.exchange import Exchange
from engine.fetch.plain import PlainProtocol
from engine.storage import result_rows
from engine.storage.sqlite import settles, store
from engine.storage.sqlite.transaction import Transaction
from engine.storage.sqlite.writer import Writer
from perf.meter import REST, Meter, cost
from perf.process import output_of, running
from perf.scenarios import bare_client, engine_vs_bare

WITHIN = timedelta(seconds=180)
LOOP: Mapping[tuple[object, str], str] = {
    (PlainProtocol, "data_received"): "answer's bytes",
    (Exchange, "__call__"): "request, head, connection",
    (Client, "__call__"): "hop, body, page, charset, deadline, watch",
    (CachedFetch, "__call__"): "cache of pages",
    (CachedFetch, "_fetched"): "cache of pages",
    (Fetcher, "_fetch_it"): "lease, memory, journal, gate, mailboxes",
    (Persister, "run"): "persister, ledger, metrics",
    (Claimer, "run"): "claimer",
}
WRITER: Mapping[tuple[object, str], str] = {
    (result_rows, "compressed"): "compression",
    (settles, "_written"): "rows of the settle",
    (settles, "_keep"): "counts and rows of results",
    (store, "settle"): "standing and ends",
    (store, "claim"): "claim, without SQL",
    (Transaction, "write"): "SQL: rows written many at once",
    (Transaction, "write_each"): "SQL: results",
    (Transaction, "run"): "SQL: other writes",
    (Transaction, "rows"): "SQL: reads",
    (Transaction, "fold"): "counts and lanes",
    (Writer, "transact"): "begin and commit",
}
IDLE = "uvloop, the kernel's calls, steps of tasks"


def _probe(meter: Meter, stages: Mapping[tuple[object, str], str]) -> None:
    for (owner, name), stage in stages.items():
        setattr(owner, name, meter.probed(getattr(owner, name), stage))


async def _probed(origin: str, pages: int, concurrency: int) -> dict[str, float]:
    """Microseconds a page, of each stage."""
    step, loop, writer = await cost(), Meter(), Meter()
    _probe(loop, LOOP)
    _probe(writer, WRITER)

    def begin() -> None:
        loop.reset()
        writer.reset()

    await engine_vs_bare.measure(origin=origin, pages=pages, concurrency=concurrency, begin=begin)
    loop.enter(REST)
    found = {f"loop: {IDLE if stage == REST else stage}": took for stage, took in loop.net_s(step).items()}
    found |= {f"writer: {stage}": took for stage, took in writer.net_s(step).items() if stage != REST}
    return {stage: took / pages * 1e6 for stage, took in found.items()}


async def _rounds(args: Namespace) -> None:
    what = {"pages": args.pages, "concurrency": args.concurrency, "cpu": args.client_cpu}
    bare, plain, probed = [], [], []
    async with running("perf", ("origin", f"--seed={args.seed}"), cpu=args.origin_cpu) as origin:
        await bare_client.promised_bytes(origin=origin.url, pages=args.pages)
        options = [f"--origin={origin.url}", f"--pages={args.pages}", f"--concurrency={args.concurrency}"]
        for _ in range(args.rounds):
            bare.append((await bare_client.measure_apart(origin=origin.url, **what)).cpu_s)
            plain.append((await engine_vs_bare.measure_apart(origin=origin.url, **what)).cpu_s)
            told = await output_of("perf.bench.budget", options, within=WITHIN, cpu=args.client_cpu)
            probed.append(orjson.loads(told))
    _show({stage: median(each[stage] for each in probed) for stage in probed[0]})
    for name, rounds in (("without probes", plain), ("a bare client", bare)):
        print(f"{median(rounds) / args.pages * 1e6:7.1f}  {name} ({min(rounds) / args.pages * 1e6:.1f} at least)")


def _show(stages: Mapping[str, float]) -> None:
    for stage, took in sorted(stages.items(), key=lambda each: (each[0].partition(":")[0], -each[1])):
        print(f"{took:7.1f}  {stage}")
    print(f"{sum(stages.values()):7.1f}  all of these")


def main() -> None:
    parser = ArgumentParser(prog="python -m perf.bench.budget")
    bare_client.options(parser)
    parser.add_argument("--origin", help="a site's URL: probes a run in this process and prints JSON")
    args = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        if args.origin is None:
            runner.run(_rounds(args))
        else:
            sys.stdout.buffer.write(orjson.dumps(runner.run(_probed(args.origin, args.pages, args.concurrency))))


if __name__ == "__main__":
    main()
