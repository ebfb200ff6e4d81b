"""Two results side by side, or two commits measured in turn: `python -m perf compare A B`.

Absolute figures are judged only where machine and settings are the same, and nothing is judged of which no single
pairs are known. `.` is the working tree. It ends with 1 where B is worse.
"""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from perf.check import chosen
from perf.checkout import checkout
from perf.duel import SLICES, Side
from perf.interval import SURENESS, Interval, interval, interval_between
from perf.process import ROOT
from perf.report import Result, read, written
from perf.rulers.ruler import UNITS
from perf.trial import Trial, taken
from perf.verdict import Verdict, judged

HERE = "."


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One number of both; `found` is B by A, where it is known how sure that is."""

    name: str
    before: float
    after: float
    found: Interval | None = None
    verdict: Verdict | None = None

    def __str__(self) -> str:
        ratio = self.found or (f"{self.after / self.before:.3f}" if self.before else "")
        return f"{self.name:32} {self.before:14,.3f} {self.after:14,.3f}  {ratio!s:24}  {self.verdict or 'not judged'}"


def options(parser: ArgumentParser) -> None:
    parser.add_argument("a", help="a result's file or a commit")
    parser.add_argument("b", help="another; of commits `.` is the working tree")
    parser.add_argument("--bench", default=",".join(UNITS), help="of commits: some, with commas; default: %(default)s")
    parser.add_argument("--pairs", type=int, default=10, help="of commits: a bench, with fresh processes each")


def run(args: Namespace) -> None:
    """Ends the process with 1 where something is worse."""
    try:
        lines = list(_of_files(args) if Path(args.a).is_file() and Path(args.b).is_file() else _of_commits(args))
    except ValueError as error:
        sys.exit(str(error))
    print(f"{'':32} {'A':>14} {'B':>14}  B by A, {SURENESS:.0%} by t on the pairs' logarithms")
    print(*lines, sep="\n")
    sys.exit(exit_code(lines))


def exit_code(lines: Sequence[Line]) -> int:
    return int(any(line.verdict is Verdict.WORSE for line in lines))


def side_by_side(a: Result, b: Result) -> Iterator[Line]:
    """All that both have."""
    is_alike = not differences(a, b)
    for name in a.numbers.keys() & b.numbers.keys():
        if _is_number(a.numbers[name]) and _is_number(b.numbers[name]):
            yield Line(name=name, before=a.numbers[name], after=b.numbers[name])
    for name in a.pairs.keys() & b.pairs.keys():
        one, two = a.pairs[name], b.pairs[name]
        if one.unit == two.unit:
            yield _line(f"{name}, {one.unit}", one.ours, two.ours, is_judged=is_alike)
            yield _line(f"{name}, of the bare side", one.ratios, two.ratios, is_judged=True)


def differences(a: Result, b: Result) -> list[str]:
    """Why absolute figures are no matter of comparison, a sentence each."""
    told = []
    if a.machine != b.machine:
        told.append(f"the machines differ: {a.machine} and {b.machine}")
    if a.settings != b.settings:
        told.append(f"the settings differ: {dict(a.settings)} and {dict(b.settings)}")
    return told


def _of_files(args: Namespace) -> Iterator[Line]:
    a, b = read(Path(args.a)), read(Path(args.b))
    if a.scenario != b.scenario:
        raise ValueError(f"{a.scenario} and {b.scenario} are two questions")
    print(f"A: {a.commit}, {a.taken_at:%Y-%m-%d %H:%M}\nB: {b.commit}, {b.taken_at:%Y-%m-%d %H:%M}")
    print(*(f"{told}; absolute figures are not judged" for told in differences(a, b)), sep="\n")
    return iter(sorted(side_by_side(a, b), key=lambda line: line.name))


def _of_commits(args: Namespace) -> Iterator[Line]:
    names = chosen(args.bench)
    with ExitStack() as stack:
        a, b = (ROOT if each == HERE else stack.enter_context(checkout(each)) for each in (args.a, args.b))
        trials = [Trial(ours=Side(bench=name, tree=b), theirs=Side(bench=name, tree=a)) for name in names]
        asyncio.run(taken(trials, pairs=args.pairs))
    for trial in trials:
        if trial.trouble:
            print(f"{trial.bench}: {trial.trouble}")
    measured = {trial.bench: trial.pairs for trial in trials if not trial.trouble}
    settings = {"a": args.a, "b": args.b, "pairs": args.pairs, "slices": SLICES}
    print(written(Result(scenario="compare", settings=settings, numbers={}, pairs=measured)))
    for name, pairs in measured.items():
        found = interval(pairs.ratios)
        before, after = _mean(pairs.bare), _mean(pairs.ours)
        yield Line(name=f"{name}, {pairs.unit}", before=before, after=after, found=found, verdict=judged(found))


def _line(name: str, before: Sequence[float], after: Sequence[float], *, is_judged: bool) -> Line:
    found = interval_between(before, after)
    verdict = judged(found) if is_judged else None
    return Line(name=name, before=_mean(before), after=_mean(after), found=found, verdict=verdict)


def _mean(rates: Sequence[float]) -> float:
    """Geometric, as the interval's middle is."""
    return interval(rates).ratio


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)
