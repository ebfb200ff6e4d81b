"""What `python -m perf monitor` is told."""

from argparse import ArgumentParser, ArgumentTypeError
from pathlib import Path


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="http://127.0.0.1:8000", help="URL of the service")
    parser.add_argument("--interval", type=_positive, default=5.0, help="seconds between two looks")
    parser.add_argument("--duration", type=_positive, help="in minutes; without it, until Ctrl-C")
    parser.add_argument("--output", type=Path, help="a file; one that ends with .csv is a table, any other is JSON")
    parser.add_argument("--pid", type=int, help="the service's process; told by itself where --host is of this machine")
    parser.add_argument("--api-key", help="sent as X-API-Key, and written nowhere")


def _positive(text: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = 0.0
    if not 0 < number < float("inf"):
        raise ArgumentTypeError(f"{text!r} is no number above 0")
    return number
