"""The daemon with one fault in it: `python -m perf.bottlenecks.daemon slow_disk serve`."""

import sys
from contextlib import nullcontext

from actors.__main__ import main as daemon
from perf.bottlenecks.faults import SWITCHES


def main() -> None:
    with SWITCHES.get(sys.argv.pop(1), nullcontext)():
        daemon()


if __name__ == "__main__":
    main()
