"""Has anything become slower by more than 5 % since the baselines were kept? `python -m perf check`.

A kept ratio may acquit, where it was measured on this machine. What it does not acquit is measured again beside the
baseline's commit, pair by pair, and that rules. Instructions are counted besides. It ends with 1 for a regression, with
2 where it could not tell.
"""

import asyncio
import sys
from argparse import ArgumentParser, Namespace
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from time import monotonic

from perf.baseline import FOLDER, INSTRUCTIONS, baselines, lasting_commit, renew, renew_instructions
from perf.checkout import checkout
from perf.duel import SLICES, Side
from perf.instructions import Counter, counted, counter
from perf.interval import interval_between
from perf.process import ProcessError
from perf.report import Result, this_machine
from perf.rulers.ruler import UNITS
from perf.trial import SURENESS, Trial, decided
from perf.verdict import ALLOWED, Ruling, worst

COUNTING_PART = 0.4
"""Of the time, for counting instructions at most."""
FIRST_PART = 0.35
"""Of what is left, for what the kept ratios can tell."""
FIRST_PAIRS = 6
MOST_PAIRS = 40
RENEWED_PAIRS = 12


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--bench", default=",".join(UNITS), help="some of them, with commas; default: %(default)s")
    parser.add_argument("--minutes", type=float, default=10, help="at most, but for the last pair")
    parser.add_argument("--renew", action="store_true", help="measure the baselines anew and keep them")
    parser.add_argument("--pairs", type=int, default=RENEWED_PAIRS, help="a bench, of --renew")
    parser.add_argument("--no-clock", action="store_true", help="count instructions alone")
    parser.add_argument("--no-count", action="store_true", help="count no instructions")


def run(args: Namespace) -> None:
    """Ends the process with the ruling's code."""
    names = chosen(args.bench)
    by = None if args.no_count else counter()
    if by is None:
        print(
            f"{INSTRUCTIONS:18} skipped     {'not asked for' if args.no_count else 'neither valgrind nor perf works'}"
        )
    if args.renew:
        _renew(names, by, args)
        return
    until = monotonic() + args.minutes * 60
    rulings = [] if by is None else list(_count(by, within_s=args.minutes * 60 * COUNTING_PART))
    if not args.no_clock:
        rulings += asyncio.run(_clock(names, started=monotonic(), until=until))
    ruling = worst(rulings)
    print(ruling)
    sys.exit(ruling.exit_code)


def chosen(benches: str) -> Sequence[str]:
    """SystemExit where one is unknown."""
    names = benches.split(",")
    if unknown := sorted(set(names) - set(UNITS)):
        sys.exit(f"no bench: {', '.join(unknown)}; there are {', '.join(UNITS)}")
    return names


def counts_ruled(before: Mapping[str, float], now: Mapping[str, float]) -> Iterator[tuple[str, Ruling]]:
    """By the kernels that both have; fewer is better."""
    for name in sorted(before.keys() & now.keys()):
        more = now[name] / before[name] - 1
        yield name, Ruling.REGRESSION if more > ALLOWED else Ruling.FINE


def _renew(names: Sequence[str], by: Counter | None, args: Namespace) -> None:
    try:
        commit = lasting_commit()  # once: what is kept is a change of its own
        if not args.no_clock:
            asyncio.run(renew(names, commit=commit, pairs=args.pairs))
        if by is not None:
            renew_instructions(by, commit=commit)
    except (ValueError, ProcessError) as error:
        sys.exit(str(error))


def _count(by: Counter, *, within_s: float) -> Iterator[Ruling]:
    kept = baselines([INSTRUCTIONS]).get(INSTRUCTIONS)
    if kept is None:
        print(f"{INSTRUCTIONS:18} undecided    no baseline in {FOLDER}")
        yield Ruling.UNDECIDED
        return
    try:
        now = counted(by, within_s=within_s / 2)
        before = _counts_before(kept, by, within_s=within_s / 2)
    except (ProcessError, ValueError) as error:
        print(f"{INSTRUCTIONS:18} undecided    {error}")
        yield Ruling.UNDECIDED
        return
    for name, ruling in counts_ruled(before, now):
        print(
            f"{name:18} {ruling:12} {now[name]:,.0f} instructions,"
            f" {now[name] / before[name]:.3f} of {before[name]:,.0f}"
        )
        yield ruling


def _counts_before(kept: Result, by: Counter, *, within_s: float) -> Mapping[str, float]:
    """Kept ones, where they were counted here and in the same way; else the commit's, counted now."""
    if kept.machine == this_machine() and kept.settings["counter"] == by.name:
        return kept.numbers
    with checkout(kept.commit) as tree:
        return counted(by, tree=tree, within_s=within_s)


async def _clock(names: Sequence[str], *, started: float, until: float) -> list[Ruling]:
    kept = baselines(names)
    for name in set(names) - set(kept):
        print(f"{name:18} undecided    no baseline in {FOLDER}")
    first = {name: _beside_kept(name, each) for name, each in kept.items() if _is_of_here(each)}
    end = started + (until - started) * FIRST_PART
    await decided(list(first.values()), until=end, most_pairs=FIRST_PAIRS)
    open_names = [name for name in kept if name not in first or first[name].ruling is not Ruling.FINE]
    with _commits({name: kept[name].commit for name in open_names}) as trees:
        again = {name: _beside_commit(name, tree) for name, tree in trees.items()}
        await decided(list(again.values()), until=until, most_pairs=MOST_PAIRS)
    ruled_by = first | again
    for name in kept:
        how = "beside the baseline's commit" if name in again else "beside the kept ratio"
        print(f"{ruled_by[name]}, {how}" if name in ruled_by else f"{name:18} undecided    its commit is not here")
    missing = [Ruling.UNDECIDED] * (len(names) - len(ruled_by))
    return [*(trial.ruling for trial in ruled_by.values()), *missing]


def _is_of_here(kept: Result) -> bool:
    return kept.machine == this_machine() and kept.settings == {"slices": SLICES}


def _beside_kept(name: str, kept: Result) -> Trial:
    judge = partial(interval_between, kept.pairs[name].ratios, sureness=SURENESS)
    return Trial(ours=Side(bench=name), theirs=Side(bench=name, is_bare=True), judge=judge)


def _beside_commit(name: str, tree: Path) -> Trial:
    return Trial(ours=Side(bench=name), theirs=Side(bench=name, tree=tree))


@contextmanager
def _commits(commits: Mapping[str, str]) -> Iterator[Mapping[str, Path]]:
    """Each bench's tree, one a commit; without those that are not in this repository."""
    with ExitStack() as stack:
        trees: dict[str, Path] = {}
        for commit in set(commits.values()):
            try:
                trees[commit] = stack.enter_context(checkout(commit))
            except ValueError as error:
                print(error)
        yield {name: trees[commit] for name, commit in commits.items() if commit in trees}
