"""Validates a service, or a daemon of its own: a table, a JSON file, and an exit code.

0: every target is met. 1: one was missed. 2: one was not measured. Ctrl-C ends it, and what was seen is judged.
"""

import asyncio
import signal
import sys
from argparse import Namespace
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import orjson
import uvloop
from rich.console import Console

from perf.load.ground import Service, ground
from perf.report import RESULTS, this_commit, this_machine
from perf.servers.database import a_database
from perf.servers.valkey import a_valkey
from perf.validate.baseline import BaselineError, against, read
from perf.validate.course import Course
from perf.validate.evidence import Evidence
from perf.validate.plan import plan_of
from perf.validate.table import table
from perf.validate.verdicts import Outcome, Verdict, exit_code, verdicts

KEPT_BYTES = 16 * 1024 * 1024
"""What a daemon of one's own keeps to answer again: full, and come to rest, before its memory is watched."""
WIDTH = 150
"""Where no terminal says how wide it is."""


def run(args: Namespace) -> None:
    """Ends the process with its exit code."""
    began = datetime.now(UTC)
    try:
        earlier = read(args.baseline) if args.baseline else None
    except BaselineError as error:
        sys.exit(f"{error}")
    facts = facts_of(args, began)
    evidence = seen(args)
    found = verdicts(evidence)
    found.append(against(earlier, found, facts))
    path = args.output or RESULTS / f"validate-{began:%Y%m%dT%H%M%S.%f}.json"
    write(path, found, evidence, facts)
    show(found, evidence)
    print(path)
    sys.exit(exit_code(found))


def seen(args: Namespace) -> Evidence:
    with ExitStack() as stack:
        database = None if args.host else stack.enter_context(a_database(args.database))
        settings = {"CACHE_MAX_MEMORY_SIZE": str(KEPT_BYTES)}
        if args.redis and not args.host:
            settings["REDIS_URL"] = stack.enter_context(a_valkey()).url
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="cfscraper-validate-")))
        return uvloop.run(_gone_through(args, database, settings, folder))


def facts_of(args: Namespace, began: datetime) -> dict[str, Any]:
    """What it takes to judge and repeat it; of the key only whether there was one."""
    hidden = {"command", "api_key", "output", "baseline"}
    told = {name: value for name, value in vars(args).items() if name not in hidden}
    return {
        "scenario": "validate",
        "settings": told | {"api_key": bool(args.api_key)},
        "machine": asdict(this_machine()),
        "commit": this_commit(),
        "taken_at": began.isoformat(),
    }


def write(path: Path, found: list[Verdict], evidence: Evidence, facts: Mapping[str, Any]) -> None:
    told = {
        **facts,
        "exit_code": exit_code(found),
        "numbers": {each.name: each.value for each in found},
        "broken": [f"{each.sentence}: {each.value} {each.unit}" for each in found if each.outcome is Outcome.MISSED],
        "verdicts": [asdict(each) for each in found],
        "evidence": evidence.as_json(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(orjson.dumps(told, option=orjson.OPT_APPEND_NEWLINE))


def show(found: list[Verdict], evidence: Evidence) -> None:
    console = Console() if sys.stdout.isatty() else Console(width=WIDTH)
    console.print(table(found))
    for fault, times in evidence.faults.items():
        print(f"{times} times {fault}")


async def _gone_through(args: Namespace, database: str | None, settings: Mapping[str, str], folder: Path) -> Evidence:
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    headers = {"X-API-Key": args.api_key} if args.api_key else {}
    async with ground(args, database=database, service=Service(told=settings)) as where:
        course = Course(ground=where, plan=plan_of(args.duration), folder=folder, headers=headers, stop=stop)
        return await course.seen()
