"""`python -m tests.simulation 4711` tells one story again; `--seeds 100000 --first 0` tells many, on all cores."""

import sys
from argparse import ArgumentParser

from tests.simulation.many import AT_A_TIME, violations
from tests.simulation.world import Violation, simulate


def main() -> int:
    parser = ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("seed", type=int, nargs="*", help="tell these, and show the hash of what happened")
    parser.add_argument("--seeds", type=int, default=0, help="tell so many")
    parser.add_argument("--first", type=int, default=0, help="the first of them")
    told = parser.parse_args()
    return _few(told.seed) if told.seed else _many(range(told.first, told.first + told.seeds))


def _few(seeds: list[int]) -> int:
    for seed in seeds:
        try:
            print(seed, simulate(seed))  # noqa: T201 - a command prints
        except Violation as found:
            print(found)  # noqa: T201
            return 1
    return 0


def _many(seeds: range) -> int:
    bad = 0
    for done, found in enumerate(violations(seeds), start=1):
        for violation in found:
            bad += 1
            print(violation, end="\n\n", flush=True)  # noqa: T201 - a command prints
        told = f"{min(done * AT_A_TIME, len(seeds))} of {len(seeds)} seeds, {bad} violations"
        print(f"\r{told}", end="", file=sys.stderr, flush=True)  # noqa: T201
    print(f"\n{len(seeds)} seeds, {bad} violations")  # noqa: T201
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
