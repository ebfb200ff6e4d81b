"""An earlier validation as the measure of a later one: whatever grew worse by more than its margin is a regression.

Only runs of one machine under the same settings are compared. Pure, but for reading the file.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import orjson

from perf.validate.targets import TARGETS, Target
from perf.validate.verdicts import Outcome, Verdict

NAME = "regressions"
LIKE = ("database", "redis", "host", "duration")
"""Settings that must be the same."""


class BaselineError(Exception):
    """The file holds no validation."""


def read(path: Path) -> Mapping[str, Any]:
    try:
        told = orjson.loads(path.read_bytes())
    except (OSError, orjson.JSONDecodeError) as error:
        raise BaselineError(f"{path}: {error}") from error
    if not isinstance(told, dict) or told.get("scenario") != "validate" or not isinstance(told.get("numbers"), dict):
        raise BaselineError(f"{path} was not written by validate")
    return told


def against(earlier: Mapping[str, Any] | None, found: Sequence[Verdict], now: Mapping[str, Any]) -> Verdict:
    """`now` has the machine and the settings of what was found."""
    if earlier is None:
        return _verdict(Outcome.NOT_MEASURED, None, "no baseline was named")
    if why := _unlike(earlier, now):
        return _verdict(Outcome.NOT_MEASURED, None, why)
    targets = {target.name: target for target in TARGETS}
    compared = [
        (targets[each.name], float(earlier["numbers"][each.name]), each.value)
        for each in found
        if each.value is not None and earlier["numbers"].get(each.name) is not None and targets[each.name].margin
    ]
    if not compared:
        return _verdict(Outcome.NOT_MEASURED, None, "nothing was measured in both")
    worse = [_told(*each) for each in compared if is_worse(*each)]
    outcome = Outcome.MISSED if worse else Outcome.MET
    return _verdict(outcome, len(worse), "; ".join(worse) or f"{len(compared)} figures of {earlier['commit'][:7]}")


def is_worse(target: Target, before: float, now: float) -> bool:
    if target.margin is None:
        return False
    allowed = max(target.margin.part * abs(before), target.margin.least)
    return now - before > allowed if target.wants_less else before - now > allowed


def _unlike(earlier: Mapping[str, Any], now: Mapping[str, Any]) -> str:
    """Why the two cannot be compared; empty if they can."""
    if earlier.get("machine") != now["machine"]:
        return "the baseline is of another machine"
    others = [name for name in LIKE if earlier.get("settings", {}).get(name) != now["settings"].get(name)]
    return f"the baseline is of another {others[0]}" if others else ""


def _told(target: Target, before: float, now: float) -> str:
    return f"{target.name} {before:g} then, {now:g} now"


def _verdict(outcome: Outcome, value: float | None, note: str) -> Verdict:
    return Verdict(
        name=NAME,
        sentence="figures worse than the baseline's",
        bar="<= 0",
        unit="",
        outcome=outcome,
        value=value,
        note=note,
    )
