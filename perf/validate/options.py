"""What `python -m perf validate` is told."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path

from perf.load.options import seconds_of
from perf.servers.database import KINDS
from perf.validate.plan import FULL_S, QUICK_S


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--api-url", dest="host", help="of the service; without it a daemon of one's own is started")
    parser.add_argument("--output", type=_writable, help="the report, as JSON; in perf/results unless told")
    lasts = parser.add_mutually_exclusive_group()
    lasts.add_argument(
        "--quick",
        dest="duration",
        action="store_const",
        const=QUICK_S,
        default=FULL_S,
        help="two minutes, which do not tell all",
    )
    lasts.add_argument("--duration", type=seconds_of, default=FULL_S, help="10m unless told; less does not tell all")
    parser.add_argument("--baseline", type=Path, help="the report of an earlier run on this machine")
    parser.add_argument("--database", choices=KINDS, default=KINDS[0], help="of the daemon of one's own")
    parser.add_argument("--redis", action="store_true", help="with a Redis beside the daemon of one's own")
    parser.add_argument("--site", help="URL of a site as perf/origin serves; without it one is started here")
    parser.add_argument("--pid", type=int, help="the service's process, if --api-url is of this machine")
    parser.add_argument("--api-key", help="sent as X-API-Key, and written nowhere")


def _writable(text: str) -> Path:
    """Before ten minutes are spent."""
    path = Path(text)
    if path.is_dir() or not path.absolute().parent.is_dir():
        raise ArgumentTypeError(f"{text!r} cannot be written")
    return path
