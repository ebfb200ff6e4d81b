"""`python -m perf bottlenecks`: analyses a service and leaves a folder with what was found; or proves that it finds.

Ctrl-C ends the look that is under way, and what was seen until then is reported.
"""

import sys
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from perf.bottlenecks.analysis import Analysis
from perf.bottlenecks.analyst import analysed
from perf.bottlenecks.inquiry import NobodyThereError
from perf.bottlenecks.page import page
from perf.bottlenecks.plants import NONE, PLANTS
from perf.process import ProcessError
from perf.report import RESULTS, Result, written


def run(args: Namespace) -> None:
    """Ends with 1 when what was planted is not what was found first."""
    folder = RESULTS / f"bottlenecks-{datetime.now(UTC):%Y%m%dT%H%M%S.%f}"
    try:
        broken = proved(args, folder) if args.prove else found(args, folder)
    except (NobodyThereError, ProcessError) as error:
        sys.exit(str(error))
    if broken:
        sys.exit("\n".join(broken))


def found(args: Namespace, folder: Path) -> list[str]:
    name = None if args.host else args.plant
    if name and args.database and args.database not in PLANTS[name].databases:
        sys.exit(f"{name} is planted in {' or '.join(PLANTS[name].databases)} only")
    return judged(reported(analysed(args, name), args, folder), is_healthy_meant=False)


def proved(args: Namespace, folder: Path) -> list[str]:
    """All plants one after the other, up to the one that is broken off."""
    rows, broken = list[str](), list[str]()
    for name in PLANTS:
        print(f"planted: {name}", flush=True)
        analysis = reported(analysed(args, name), args, folder / name)
        missed = judged(analysis, is_healthy_meant=True)
        broken += missed
        rows.append(_row(analysis, "missed" if missed else "found"))
        if not analysis.evidence.is_complete:
            break
    head = ["| planted | first | all, with their shares | pages/s | load | |", "|---|---|---|---|---|---|"]
    table = "\n".join([*head, *rows])
    (folder / "proof.md").write_text(f"{table}\n")
    print(table, folder / "proof.md", sep="\n")
    return broken


def judged(analysis: Analysis, *, is_healthy_meant: bool) -> list[str]:
    """A look without a plant may find what it will, unless the point of it is that there is nothing."""
    is_asked = analysis.plant not in (NONE, None) or is_healthy_meant
    if not is_asked:
        return []
    if not analysis.evidence.is_complete:
        return [f"planted {analysis.plant}: broken off before it could be told"]
    if analysis.is_right:
        return []
    return [f"planted {analysis.plant}: {analysis.first} was found first, {analysis.expected} was to be"]


def reported(analysis: Analysis, args: Namespace, folder: Path) -> Analysis:
    """The JSON and the page, in the folder; what was found, on the screen."""
    folder.mkdir(parents=True)
    result = Result(
        scenario="bottlenecks",
        settings=_settings(args) | _where(args, analysis.plant),
        numbers={"findings": analysis.findings, "evidence": analysis.evidence},
        broken=[] if analysis.evidence.is_complete else ["it was broken off"],
    )
    for place, finding in enumerate(analysis.findings, 1):
        print(f"{place}. {finding.kind} ({100 * finding.share:.0f} %): {finding.why}\n   {finding.change}")
    if not analysis.findings:
        print("nothing out of the ordinary holds throughput back")
    print(written(result, folder=folder))
    path = folder / "report.md"
    path.write_text(page(result, analysis))
    print(path, flush=True)
    return analysis


def _row(analysis: Analysis, how: str) -> str:
    all_found = ", ".join(f"{finding.kind} {100 * finding.share:.0f} %" for finding in analysis.findings)
    rate = f"{analysis.evidence.per_second:.0f}"
    return f"| {analysis.plant} | {analysis.first} | {all_found} | {rate} | {analysis.load_before} | {how} |"


def _where(args: Namespace, plant: str | None) -> dict[str, Any]:
    return {"plant": plant, "database": PLANTS[plant].database(args.database) if plant else None}


def _settings(args: Namespace) -> dict[str, Any]:
    """All but what may be secret: of the key is told only whether there was one."""
    told = {name: value for name, value in vars(args).items() if name not in {"api_key", "command", "database_url"}}
    return told | {"api_key": bool(args.api_key)}
