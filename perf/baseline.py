"""What every bench was, at a commit and on a machine that are named: perf/baselines, a result each.

Of a tree whose files differ from its commit none is kept: that commit could not be measured again.
"""

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from perf.duel import SLICES, Side
from perf.instructions import Counter, counted
from perf.interval import interval
from perf.process import ROOT
from perf.report import Result, as_json, read, this_commit
from perf.trial import Trial, taken

FOLDER = ROOT / "perf" / "baselines"
INSTRUCTIONS = "instructions"


def baselines(names: Sequence[str], *, folder: Path = FOLDER) -> Mapping[str, Result]:
    """Those there are. ValueError where one is no result."""
    return {name: read(path) for name in names if (path := folder / f"{name}.json").exists()}


async def renew(names: Sequence[str], *, commit: str, pairs: int, folder: Path = FOLDER) -> None:
    """Measure each against its bare side and keep it, one bench after the other. ValueError where one cannot be."""
    for name in names:
        before = os.getloadavg()[0]
        trial = Trial(ours=Side(bench=name), theirs=Side(bench=name, is_bare=True))
        await taken([trial], pairs=pairs)
        if trial.trouble:
            raise ValueError(trial.trouble)
        _keep(name, _result(trial, commit, load=(before, os.getloadavg()[0])), folder)
        print(f"{name:18} {interval(trial.pairs.ratios)} of the bare side over {pairs} pairs", flush=True)


def renew_instructions(by: Counter, *, commit: str, folder: Path = FOLDER) -> None:
    """ValueError and ProcessError where they cannot be counted."""
    numbers = dict(counted(by))
    settings = {"counter": by.name}
    _keep(INSTRUCTIONS, Result(scenario=INSTRUCTIONS, settings=settings, numbers=numbers, commit=commit), folder)
    for name, number in numbers.items():
        print(f"{name:18} {number:,.0f} instructions")


def lasting_commit(*, checkout: Path = ROOT) -> str:
    """That of the checkout. ValueError where files differ from it."""
    commit = this_commit(checkout=checkout)
    if commit.endswith("-dirty") or commit == "unknown":
        raise ValueError("files differ from their commit: what is measured now could never be measured again")
    return commit


def _result(trial: Trial, commit: str, load: Sequence[float]) -> Result:
    found = interval(trial.pairs.ratios)
    numbers: dict[str, Any] = {
        **trial.pairs.spread(),
        "low": round(found.low, 4),
        "high": round(found.high, 4),
        "load": [round(each, 1) for each in load],
    }
    settings = {"slices": SLICES}
    pairs = {trial.bench: trial.pairs}
    return Result(scenario=trial.bench, settings=settings, numbers=numbers, pairs=pairs, commit=commit)


def _keep(name: str, result: Result, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_bytes(as_json(result))
