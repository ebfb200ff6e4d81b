"""The daemon with one actor of each kind dying every so many seconds: `python -m perf.torture.mortal 10 serve`."""

import sys
from random import Random

from actors.__main__ import main as daemon
from perf.torture.mortals import mortal


def main() -> None:
    with mortal(float(sys.argv.pop(1)), Random()):
        daemon()


if __name__ == "__main__":
    main()
