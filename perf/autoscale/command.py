"""Tests the autoscaler and leaves a folder: the numbers as JSON, all that was seen, a picture. 1 when a promise broke.

Played here it is a simulation of the cluster's controller around real processes, and says so; with a namespace, and
kubectl, it is the cluster's own.
"""

import shutil
import sys
from argparse import Namespace
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from time import monotonic
from typing import Any

import orjson
import uvloop

from perf.autoscale.client import Client, client
from perf.autoscale.cluster import Cluster, KubectlError, cluster
from perf.autoscale.course import Course
from perf.autoscale.manifest import ManifestError, Scaler, read
from perf.autoscale.options import NAME, manifest
from perf.autoscale.plot import plotted
from perf.autoscale.record import Record
from perf.autoscale.scene import Plan, Scene, played
from perf.autoscale.verdicts import broken, called_for, directions, first_up_s
from perf.percentile import percentile_ms
from perf.report import RESULTS, Result, this_commit, written
from perf.servers.postgres import a_postgres
from perf.servers.prometheus import is_installed

SIMULATED = "a simulation of the cluster's controller, by its documented rules, around real processes"


def run(args: Namespace) -> None:
    began, commit = datetime.now(UTC), this_commit()
    record, clock = Record(), Clock()
    scaler, speed = _played(args, record, clock) if args.namespace is None else _seen(args, record, clock)
    folder = RESULTS / f"autoscale-{args.test}-{began:%Y%m%dT%H%M%S.%f}"
    told = {name: value for name, value in vars(args).items() if name not in {"api_key", "command"}}
    result = Result(
        scenario="autoscale",
        settings=told | {"speed": speed, "what": SIMULATED if args.namespace is None else "a cluster"},
        numbers=numbers(record),
        broken=broken(record, test=args.test, scaler=scaler, speed=speed),
        commit=commit,
        taken_at=began,
    )
    _left(result, record, scaler, clock, folder)
    if result.broken:
        sys.exit("\n".join(result.broken))


class Clock:
    """Seconds of the test, which begins when it is asked first."""

    def __init__(self) -> None:
        self.began_at: float | None = None
        self._began = 0.0

    def __call__(self) -> float:
        if self.began_at is None:
            self.began_at, self._began = datetime.now(UTC).timestamp(), monotonic()
        return monotonic() - self._began


def numbers(record: Record) -> Mapping[str, Any]:
    account, standings = record.account, [moment.standing for moment in record.moments]
    spikes = [phase for phase in record.phases if "spike" in phase.name]
    waits = [wait for _, wait in account.waits] if account else []
    submits = [moment.submit_ms for moment in record.moments if moment.submit_ms]
    return {
        "replicas_most": max((each.wanted for each in standings), default=None),
        "replicas_last": standings[-1].wanted if standings else None,
        "directions": directions(record),
        "first_up_s": {each.name: first_up_s(record, each) for each in spikes},
        "called_for": {each.name: called_for(record, each) for each in spikes},
        "phases_s": {each.name: round(each.ended_s - each.began_s, 1) for each in record.phases},
        "submit_ms_median": round(median(submits), 1) if submits else None,
        "single_ms_median": round(1000 * median(waits)) if waits else None,
        "single_ms_p95": percentile_ms(waits, 95) if waits else None,
        "acknowledged": account.acknowledged if account else None,
        "completed": account.completed if account else None,
        "lost": account.lost if account else None,
        "completions_counted": account.counted if account else None,
        "fetched_again": account.site_again if account else None,
    }


def _played(args: Namespace, record: Record, clock: Clock) -> tuple[Scaler, float]:
    try:
        scaler = read(manifest(args.hpa))
    except (ManifestError, OSError) as error:
        sys.exit(f"{error}")
    replicas = args.replicas if args.test == "scale-down" else scaler.least
    with_prometheus = is_installed() and not args.no_prometheus
    plan = Plan(scaler=scaler, speed=args.speed, replicas=replicas, prometheus=with_prometheus)
    print(f"{SIMULATED}; its times divided by {args.speed:g}, {'with' if with_prometheus else 'without'} Prometheus")
    with a_postgres() as server:
        uvloop.run(_here(plan, server.url, args, record, clock))
    return scaler.sped(args.speed), args.speed


def _seen(args: Namespace, record: Record, clock: Clock) -> tuple[Scaler, float]:
    if shutil.which("kubectl") is None or not (args.api_url and args.site):
        sys.exit("a cluster needs kubectl, --api-url and --site")
    try:
        return uvloop.run(_there(args, record, clock)), 1.0
    except KubectlError as error:
        sys.exit(f"{error}")


async def _here(plan: Plan, database: str, args: Namespace, record: Record, clock: Clock) -> None:
    async with played(plan, database, record, clock) as scene:
        await _gone_through(scene, plan.scaler.sped(plan.speed), args, record, clock)


async def _there(args: Namespace, record: Record, clock: Clock) -> Scaler:
    where = Cluster(namespace=args.namespace, deployment=args.deployment, hpa=args.hpa or NAME)
    async with cluster(where, api=args.api_url.rstrip("/"), site=args.site) as (scene, scaler):
        await _gone_through(scene, scaler, args, record, clock)
    return scaler


async def _gone_through(scene: Scene, scaler: Scaler, args: Namespace, record: Record, clock: Clock) -> None:
    headers = {"X-API-Key": args.api_key} if args.api_key else None
    async with AsyncExitStack() as stack:
        submits: Client = await stack.enter_async_context(
            client(api=scene.api, site=scene.site, late_ms=scene.late_ms, headers=headers)
        )
        course = Course(scene=scene, client=submits, scaler=scaler, record=record, now=clock, jobs=args.jobs)
        tests = {"scale-up": course.up, "scale-down": course.down, "full": course.full}
        await course.learn()
        await tests[args.test]()
        await course.settled()
        record.account = await scene.judged(await submits.account())


def _left(result: Result, record: Record, scaler: Scaler, clock: Clock, folder: Path) -> None:
    for name, number in result.numbers.items():
        print(f"{name:24} {number}")
    print(written(result, folder=folder))
    (folder / "record.json").write_bytes(orjson.dumps(record))
    print(plotted(record, scaler=scaler, began_at=clock.began_at or 0.0, path=folder / "autoscale.png"))
