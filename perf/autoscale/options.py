"""What `python -m perf autoscale` is told."""

from argparse import ArgumentParser
from pathlib import Path

from perf.process import ROOT

TESTS = ("scale-up", "scale-down", "full")
SHIPPED = ROOT / "k8s" / "components" / "hpa" / "worker.yaml"
SPEED = 6.0
JOBS = 1440
NAME = "cfscraper-worker"


def options(parser: ArgumentParser) -> None:
    parser.add_argument("--test", choices=TESTS, default="full")
    parser.add_argument("--namespace", help="of a cluster that kubectl reaches; without it all is played here")
    parser.add_argument("--api-url", help="of the service in the cluster")
    parser.add_argument("--deployment", default=NAME, help="in the cluster")
    parser.add_argument("--hpa", help=f"its name in the cluster ({NAME}); here its manifest ({SHIPPED.name})")
    parser.add_argument("--site", help="URL that the cluster's workers may fetch again and again")
    parser.add_argument("--api-key", help="sent as X-API-Key, and written nowhere")
    parser.add_argument("--jobs", type=int, default=JOBS, help="of the spike; a second one is half of it")
    parser.add_argument(
        "--speed", type=float, default=SPEED, help="what the manifest's times and the sync's are divided by, here"
    )
    parser.add_argument("--replicas", type=int, default=6, help="with which scale-down begins, here")
    parser.add_argument("--no-prometheus", action="store_true", help="read /metrics of each process itself, here")


def manifest(told: str | None) -> Path:
    return Path(told) if told else SHIPPED
