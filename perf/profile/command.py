"""Looks into a daemon, prints what was seen, and leaves it in a folder's files: JSON, and a page for a CPU profile."""

import asyncio
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from rich.console import Console

from perf.profile.look import LookError, look
from perf.profile.page import page
from perf.profile.stacks import stacks_of
from perf.profile.tables import show_cpu, show_memory, show_tasks
from perf.report import RESULTS, Result, written


def run(args: Namespace) -> None:
    """Ends with 1, and says why, when there is nothing to show."""
    try:
        seen = asyncio.run(look(args.host, args.kind, args.duration, console=Console(stderr=True)))
    except LookError as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit("broken off: the daemon has ended the look, and nothing was seen")
    for path in shown(args.kind, args.host, seen, console=Console()):
        print(path)


def shown(kind: str, host: str, seen: Any, *, console: Console, folder: Path = RESULTS) -> list[Path]:
    """The files that were written."""
    result = Result(scenario=f"profile-{kind}", settings={"host": host, "kind": kind}, numbers=seen)
    if kind == "memory":
        show_memory(seen, console)
    elif kind == "tasks":
        show_tasks(seen["tasks"], console)
    else:
        show_cpu(seen["cpu"], console)
    path = written(result, folder=folder)
    if kind != "cpu":
        return [path]
    graph = path.with_suffix(".html")
    graph.write_text(page(result, seen["cpu"], stacks_of(seen["cpu"])))
    return [path, graph]
