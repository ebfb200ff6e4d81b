"""The command line `python -m perf`: list and run scenarios, send users, serve the site they scrape.

A run prints its numbers and leaves them as JSON in perf/results; where a promise did not hold, it ends with 1.
"""

import sys
from argparse import REMAINDER, ArgumentParser, Namespace
from collections.abc import Sequence

from perf.load.options import options as load_options
from perf.monitor.options import options as monitor_options
from perf.origin.server import serve
from perf.profile.options import options as profile_options
from perf.registry import SENTENCES, scenario
from perf.report import written


def main(argv: Sequence[str] | None = None) -> None:
    args = _parser().parse_args(argv)
    args.command(args)


def _parser() -> ArgumentParser:
    parser = ArgumentParser(prog="python -m perf")
    commands = parser.add_subparsers(required=True)
    commands.add_parser("list", help="what can be measured").set_defaults(command=_list)
    run = commands.add_parser("run", help="measure, and write the result")
    run.add_argument("name", choices=sorted(SENTENCES))
    run.add_argument("options", nargs=REMAINDER, help="the scenario's own; --help tells them")
    run.set_defaults(command=_run)
    load = commands.add_parser("load", help="users against a daemon, and a report of both")
    load_options(load)
    load.set_defaults(command=_load)
    monitor = commands.add_parser("monitor", help="watch a server's process, on the terminal and into a file")
    monitor_options(monitor)
    monitor.set_defaults(command=_monitor)
    profile = commands.add_parser("profile", help="look into a daemon at work: threads, memory or tasks")
    profile_options(profile)
    profile.set_defaults(command=_profile)
    origin = commands.add_parser("origin", help="serve the site that is scraped")
    origin.add_argument("--host", default="127.0.0.1")
    origin.add_argument("--port", type=int, default=0, help="0 takes a free one")
    origin.add_argument("--seed", type=int, default=0)
    origin.set_defaults(command=_origin)
    return parser


def _list(_: Namespace) -> None:
    for name, sentence in SENTENCES.items():
        print(f"{name:20} {sentence}")


def _run(args: Namespace) -> None:
    chosen = scenario(args.name)
    parser = ArgumentParser(prog=f"python -m perf run {args.name}")
    chosen.options(parser)
    result = chosen.run(parser.parse_args(args.options))
    for name, number in result.numbers.items():
        print(f"{name:24} {number}")
    print(written(result))
    if result.broken:
        sys.exit("\n".join(result.broken))


def _load(args: Namespace) -> None:
    from perf.load.command import run  # noqa: PLC0415 - it needs the extra `perf`

    run(args)


def _monitor(args: Namespace) -> None:
    from perf.monitor.command import run  # noqa: PLC0415 - as below

    run(args)


def _profile(args: Namespace) -> None:
    from perf.profile.command import run  # noqa: PLC0415 - no other command draws tables

    run(args)


def _origin(args: Namespace) -> None:
    serve(host=args.host, port=args.port, seed=args.seed)


if __name__ == "__main__":
    main()
