"""What a target's figure is worth: met, missed, or not measured. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from perf.validate.evidence import Evidence
from perf.validate.sample import Figure, Unmeasured
from perf.validate.targets import TARGETS, Side, Target


class Outcome(StrEnum):
    MET = "met"
    MISSED = "missed"
    NOT_MEASURED = "not measured"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """Of one target; `value` is None where there is none."""

    name: str
    sentence: str
    bar: str
    unit: str
    outcome: Outcome
    value: float | None
    note: str


EXIT_CODES: Mapping[Outcome, int] = MappingProxyType(
    {Outcome.MET: 0, Outcome.NOT_MEASURED: 2, Outcome.MISSED: 1},
)


def verdicts(evidence: Evidence, targets: Sequence[Target] = TARGETS) -> list[Verdict]:
    return [verdict(target, evidence) for target in targets]


def verdict(target: Target, evidence: Evidence) -> Verdict:
    sample = target.sample(evidence)
    found = Outcome.NOT_MEASURED if isinstance(sample, Unmeasured) else outcome(target, sample)
    return Verdict(
        name=target.name,
        sentence=target.sentence,
        bar=f"{target.side} {target.bar:g}",
        unit=target.unit,
        outcome=found,
        value=None if isinstance(sample, Unmeasured) else round(sample.value, 3),
        note=sample.reason if isinstance(sample, Unmeasured) else _told(sample, found),
    )


def _told(figure: Figure, found: Outcome) -> str:
    if found is Outcome.NOT_MEASURED:
        return f"between {figure.low:.4g} and {figure.high:.4g}: {figure.note}"
    return figure.note


def outcome(target: Target, figure: Figure) -> Outcome:
    """Met where all of it is on its side of the bar, missed where nothing is; what lies across is not measured."""
    worst, best = (figure.high, figure.low) if target.wants_less else (figure.low, figure.high)
    if _holds(worst, target.side, target.bar):
        return Outcome.MET
    return Outcome.NOT_MEASURED if _holds(best, target.side, target.bar) else Outcome.MISSED


def exit_code(found: Sequence[Verdict]) -> int:
    """1 when anything was missed, else 2 when anything was not measured."""
    outcomes = {each.outcome for each in found}
    if Outcome.MISSED in outcomes:
        return EXIT_CODES[Outcome.MISSED]
    return EXIT_CODES[Outcome.NOT_MEASURED] if Outcome.NOT_MEASURED in outcomes or not outcomes else 0


def _holds(value: float, side: Side, bar: float) -> bool:
    return {
        Side.BELOW: value < bar,
        Side.AT_MOST: value <= bar,
        Side.ABOVE: value > bar,
        Side.FROM: value >= bar,
    }[side]
