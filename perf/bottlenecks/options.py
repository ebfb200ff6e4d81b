"""What `python -m perf bottlenecks` is told."""

from argparse import ArgumentParser

from perf.bottlenecks.plants import NONE, PLANTS
from perf.load.options import seconds_of
from perf.servers.database import KINDS


def options(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--host", help="URL of a service that somebody else loads; without it one is started and loaded"
    )
    parser.add_argument("--plant", choices=list(PLANTS), default=NONE, help="a fault in the service that is started")
    parser.add_argument("--prove", action="store_true", help="plant all in turn, and end with 1 where one is missed")
    parser.add_argument("--duration", type=seconds_of, default=20.0, help="how long to look: 60s, 10m")
    parser.add_argument("--warm-up", type=seconds_of, default=6.0, help="of the load, before the look begins")
    parser.add_argument(
        "--database", choices=KINDS, help="of the service that is started, if what is planted can be there"
    )
    parser.add_argument("--database-url", help="of the service at --host, to ask for plans; a file's or a server's")
    parser.add_argument("--site", help="URL of a site as perf/origin serves; without it one is started here")
    parser.add_argument("--pid", type=int, help="the service's process, if --host is of this machine")
    parser.add_argument("--api-key", help="sent as X-API-Key, and written nowhere")
