"""Kills the real daemon under load, again and again, and holds the ledger of every 202 against what is left.

The moments are drawn from a seed: under load, in commits, while it starts, and in migrations (of databases of their
own). On a server several daemons may share the database, each killed in its own time while the others go on.
The times depend on the machine, so a seed repeats the plan and not the microsecond.
"""

import asyncio
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path
from random import Random
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter
from typing import Any

import uvloop

from perf.process import running
from perf.report import Result
from perf.torture.audit import Verdict, audited
from perf.torture.campaign import Campaign
from perf.torture.deaths import Death, drawn
from perf.torture.grounds import a_ground

KINDS = ("lost", "doubled", "stuck", "late", "changed", "failed", "spoiled", "sent twice", "damaged")


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lease-seconds", type=float, default=3.0)
    parser.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    parser.add_argument("--processes", type=int, default=1, help="that share the database; sqlite has but one")


def run(args: Namespace) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_tortured(args))


async def _tortured(args: Namespace) -> Result:
    deaths = drawn(args.kills, Random(args.seed))
    began = perf_counter()
    with TemporaryDirectory() as folder, a_ground(args.database, Path(folder)) as ground:
        async with running("perf", ("origin", f"--seed={args.seed}")) as site:
            campaign = Campaign(
                ground=ground, folder=Path(folder), site=site.url, seed=args.seed, lease_s=args.lease_seconds
            )
            async with asyncio.TaskGroup() as group:
                for each in range(args.processes):
                    group.create_task(_suffer(campaign, deaths[each :: args.processes]))
            late = await campaign.end()
            verdict = await audited(ground, campaign.accounts, site.url)
    verdict.wrong["damaged"] += campaign.damaged
    verdict.wrong["late"] += ["after the last restart"] * late
    numbers = {"kills": len(deaths), **_numbers(campaign, verdict), "took_s": round(perf_counter() - began, 1)}
    return Result(scenario="crash", settings=vars(args), numbers=numbers, broken=verdict.broken())


async def _suffer(campaign: Campaign, deaths: Sequence[Death]) -> None:
    for death in deaths:
        await campaign.suffer(death)


def _numbers(campaign: Campaign, verdict: Verdict) -> dict[str, Any]:
    """`unanswered` jobs are those whose 202 nobody saw; `kept` of them were in the file nevertheless."""
    accounts = campaign.accounts
    return {
        "acknowledged": len(accounts.promised),
        "unanswered": accounts.unanswered,
        "kept": verdict.total + len(verdict.wrong["lost"]) - len(accounts.promised),
        "ends": dict(verdict.ends),
        **{kind.replace(" ", "_"): len(verdict.wrong[kind]) for kind in KINDS},
        "left_to_do": campaign.backlog,
        "suspects": campaign.suspects,
        "kills_inside": dict(campaign.inside),
        "back_s": round(median(campaign.back_s), 2) if campaign.back_s else None,
        "back_s_most": round(max(campaign.back_s), 2) if campaign.back_s else None,
    }
