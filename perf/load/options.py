"""What `python -m perf load` is told."""

import re
from argparse import ArgumentParser, ArgumentTypeError

from perf.load.shapes import ALL, SCENARIOS
from perf.servers.database import KINDS

DURATION = re.compile(r"(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?")


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--host", help="URL of the service; without it a daemon of one's own is started")
    parser.add_argument(
        "--scenario", choices=[*SCENARIOS, "all"], default="baseline", help=f"all is {', '.join(ALL)}, in turn"
    )
    parser.add_argument("--users", type=_count, help="how many at most; the scenario's own unless told")
    parser.add_argument("--spawn-rate", type=_rate, help="how many come or go in a second")
    parser.add_argument("--duration", type=seconds_of, help="of each scenario: 60s, 10m, 1h30m")
    parser.add_argument("--database", choices=KINDS, default="sqlite", help="of the daemon of one's own")
    parser.add_argument("--site", help="URL of a site as perf/origin serves; without it one is started here")
    parser.add_argument("--pid", type=_count, help="the service's process, if --host is of this machine")
    parser.add_argument("--api-key", help="sent as X-API-Key, and written nowhere")
    parser.add_argument("--ui", action="store_true", help="with Locust's own page, until the scenario is over")


def seconds_of(text: str) -> float:
    """Of 90, 90s, 10m or 1h30m."""
    found = DURATION.fullmatch(text)
    seconds = (
        sum(int(part or 0) * unit for part, unit in zip(found.groups(), (3600, 60, 1), strict=True)) if found else 0
    )
    if not seconds:
        raise ArgumentTypeError(f"{text!r} is no duration like 60s, 10m or 1h30m")
    return float(seconds)


def _count(text: str) -> int:
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is no number above 0")
    return int(text)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= 1000:
        raise ArgumentTypeError(f"{text!r} is not between 0 and 1000")
    return rate
