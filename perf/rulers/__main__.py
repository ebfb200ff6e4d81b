"""One side of a ruler as a process: `python -m perf.rulers NAME`, a line in for each slice, its rate out.

It ends when its input does, and so with whoever started it.
"""

import asyncio
import sys
from argparse import ArgumentParser

import uvloop

from perf.rulers.ruler import UNITS, ruler


def main() -> None:
    parser = ArgumentParser(prog="python -m perf.rulers")
    parser.add_argument("name", choices=sorted(UNITS))
    parser.add_argument("--bare", action="store_true", help="the side that ours is measured against")
    args = parser.parse_args()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(args.name, is_bare=args.bare))


async def _serve(name: str, *, is_bare: bool) -> None:
    chosen = ruler(name)
    async with chosen.bare() if is_bare else chosen.ours() as take:
        while await asyncio.to_thread(sys.stdin.readline):
            print(await take(), flush=True)


if __name__ == "__main__":
    main()
