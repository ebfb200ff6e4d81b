"""The command line `python -m perf`: list and run scenarios, send users, look for what holds back, serve the site.

A run prints its numbers and leaves them as JSON in perf/results; where a promise did not hold, it ends with 1.
"""

import sys
from argparse import REMAINDER, ArgumentParser, Namespace
from collections.abc import Sequence

from perf import check, compare
from perf.autoscale.options import options as autoscale_options
from perf.bottlenecks.options import options as bottlenecks_options
from perf.load.options import options as load_options
from perf.monitor.options import options as monitor_options
from perf.origin.server import loopbacks, serve
from perf.profile.options import options as profile_options
from perf.registry import SENTENCES, scenario
from perf.report import written
from perf.validate.options import options as validate_options


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
    comparing = commands.add_parser("compare", help="two results, or two commits measured in turn")
    compare.options(comparing)
    comparing.set_defaults(command=compare.run)
    checking = commands.add_parser("check", help="is anything slower than the baselines?")
    check.options(checking)
    checking.set_defaults(command=check.run)
    load = commands.add_parser("load", help="users against a daemon, and a report of both")
    load_options(load)
    load.set_defaults(command=_load)
    bottlenecks = commands.add_parser("bottlenecks", help="what holds a daemon's throughput back, and what to change")
    bottlenecks_options(bottlenecks)
    bottlenecks.set_defaults(command=_bottlenecks)
    autoscale = commands.add_parser("autoscale", help="the shipped autoscaler: how it follows a load")
    autoscale_options(autoscale)
    autoscale.set_defaults(command=_autoscale)
    monitor = commands.add_parser("monitor", help="watch a server's process, on the terminal and into a file")
    monitor_options(monitor)
    monitor.set_defaults(command=_monitor)
    profile = commands.add_parser("profile", help="look into a daemon at work: threads, memory or tasks")
    profile_options(profile)
    profile.set_defaults(command=_profile)
    validate = commands.add_parser("validate", help="every target of the contract, measured under load")
    validate_options(validate)
    validate.set_defaults(command=_validate)
    origin = commands.add_parser("origin", help="serve the site that is scraped")
    origin.add_argument("--host", default="127.0.0.1")
    origin.add_argument("--port", type=int, default=0, help="0 takes a free one")
    origin.add_argument("--seed", type=int, default=0)
    origin.add_argument("--more-hosts", type=int, default=0, help="so many loopback addresses beside it: 127.0.0.2 ...")
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


def _bottlenecks(args: Namespace) -> None:
    from perf.bottlenecks.command import run  # noqa: PLC0415 - it loads the engine

    run(args)


def _autoscale(args: Namespace) -> None:
    from perf.autoscale.command import run  # noqa: PLC0415 - it needs the extra `perf`

    run(args)


def _monitor(args: Namespace) -> None:
    from perf.monitor.command import run  # noqa: PLC0415 - as below

    run(args)


def _profile(args: Namespace) -> None:
    from perf.profile.command import run  # noqa: PLC0415 - no other command draws tables

    run(args)


def _validate(args: Namespace) -> None:
    from perf.validate.command import run  # noqa: PLC0415 - it needs the extra `perf`

    run(args)


def _origin(args: Namespace) -> None:
    serve(host=args.host, port=args.port, seed=args.seed, also=loopbacks(args.more_hosts))


if __name__ == "__main__":
    main()
