"""Kills the real daemon under load, again and again, and holds the ledger of every 202 against the file that is left.

The moments are drawn from a seed: under load, in commits, while it starts, and in migrations (of files of their own).
The times depend on the machine, so a seed repeats the plan and not the microsecond.
"""

import asyncio
from argparse import ArgumentParser, Namespace
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
from perf.torture.deaths import drawn

KINDS = ("lost", "doubled", "stuck", "late", "changed", "failed", "spoiled", "sent twice", "damaged")


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--lease-seconds", type=float, default=3.0)


def run(args: Namespace) -> Result:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_tortured(args))


async def _tortured(args: Namespace) -> Result:
    deaths = drawn(args.kills, Random(args.seed))
    began = perf_counter()
    with TemporaryDirectory() as folder:
        async with running("perf", ("origin", f"--seed={args.seed}")) as site:
            campaign = Campaign(folder=Path(folder), site=site.url, seed=args.seed, lease_s=args.lease_seconds)
            for death in deaths:
                await campaign.suffer(death)
            late = await campaign.end()
            verdict = await audited(campaign.path, campaign.accounts, site.url)
    verdict.wrong["damaged"] += campaign.damaged
    verdict.wrong["late"] += ["after the last restart"] * late
    numbers = {"kills": len(deaths), **_numbers(campaign, verdict), "took_s": round(perf_counter() - began, 1)}
    return Result(scenario="crash", settings=vars(args), numbers=numbers, broken=verdict.broken())


def _numbers(campaign: Campaign, verdict: Verdict) -> dict[str, Any]:
    """`unanswered` jobs are those whose 202 nobody saw; `kept` of them were in the file nevertheless."""
    accounts = campaign.accounts
    return {
        "acknowledged": len(accounts.promised),
        "unanswered": accounts.unanswered,
        "kept": verdict.total + len(verdict.wrong["lost"]) - len(accounts.promised),
        "ends": dict(verdict.ends),
        **{kind.replace(" ", "_"): len(verdict.wrong[kind]) for kind in KINDS},
        "kills_inside": dict(campaign.inside),
        "back_s": round(median(campaign.back_s), 2) if campaign.back_s else None,
        "back_s_most": round(max(campaign.back_s), 2) if campaign.back_s else None,
    }
