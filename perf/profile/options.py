"""What `python -m perf profile` is told."""

from argparse import ArgumentParser

from perf.load.options import seconds_of

KINDS = {
    "cpu": "where its threads are, sampled; the usual kind",
    "memory": "which lines come to hold memory; a minute at most",
    "tasks": "where all its tasks wait, once",
}


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--host", default="http://127.0.0.1:8000", help="URL of the daemon, which is on this machine")
    parser.add_argument("--duration", type=seconds_of, default=30.0, help="how long to look: 30, 30s, 2m")
    kinds = parser.add_mutually_exclusive_group()
    for kind, sentence in KINDS.items():
        kinds.add_argument(f"--{kind}", dest="kind", action="store_const", const=kind, default="cpu", help=sentence)
