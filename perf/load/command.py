"""Runs the scenarios that were asked for, one after the other, and leaves one folder with all that was seen.

Ctrl-C ends the one that runs, and what was seen until then is reported.
"""

import asyncio
import signal
import sys
from argparse import Namespace
from collections.abc import Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import uvloop

from perf.load.drive import Driver
from perf.load.ground import ground
from perf.load.page import page
from perf.load.section import Section
from perf.load.shapes import ALL, Shape, shape_of
from perf.report import RESULTS, Result, written
from perf.servers.database import a_database

UI = "http://127.0.0.1:8089"
"""Locust's own page, where it stands unless told otherwise."""
TOLD = ("requests", "failures", "refused", "users_most", "seconds")


def run(args: Namespace) -> None:
    """Ends with 1, and says why, when a call failed."""
    began = datetime.now(UTC)
    folder = RESULTS / f"load-{args.scenario}-{began:%Y%m%dT%H%M%S.%f}"
    for name in _shapes(args):
        (folder / name).mkdir(parents=True)
    with nullcontext() if args.host else a_database(args.database) as database:
        sections = uvloop.run(driven(args, folder, database))
    result = reported(sections, settings=settings_of(args), folder=folder, taken_at=began)
    if result.broken:
        sys.exit("\n".join(result.broken))


def reported(sections: list[Section], *, settings: Mapping[str, Any], folder: Path, taken_at: datetime) -> Result:
    """The JSON and the page, in the folder."""
    result = Result(
        scenario="load",
        settings=settings,
        numbers={section.name: section.numbers() for section in sections},
        broken=[sentence for section in sections for sentence in section.broken()],
        taken_at=taken_at,
    )
    print(written(result, folder=folder))
    path = folder / "report.html"
    path.write_text(page(result, sections))
    print(path)
    return result


def settings_of(args: Namespace) -> dict[str, Any]:
    """All but the key, of which only is told whether there was one."""
    told = {name: value for name, value in vars(args).items() if name not in {"api_key", "command"}}
    return told | {"api_key": bool(args.api_key)}


async def driven(args: Namespace, folder: Path, database: str | None) -> list[Section]:
    """One that was broken off is the last."""
    stop, sections = asyncio.Event(), list[Section]()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    async with ground(args, database=database) as where:
        driver = Driver(ground=where, stop=stop, ui=args.ui, api_key=args.api_key)
        for name, shape in _shapes(args).items():
            print(f"{name}: {shape.lasts_s:.0f} s{f', {UI}' if args.ui else ''}", flush=True)
            is_complete = await driver.drive(shape, folder / name)
            sections.append(Section.read(folder / name, shape=shape, is_complete=is_complete))
            print(" ".join(f"{told}={sections[-1].numbers()[told]}" for told in TOLD), flush=True)
            if stop.is_set():
                break
    return sections


def _shapes(args: Namespace) -> dict[str, Shape]:
    names = ALL if args.scenario == "all" else (args.scenario,)
    return {name: shape_of(name, users=args.users, rate=args.spawn_rate, lasts_s=args.duration) for name in names}
