"""One kernel as a process: `python -m perf.kernels NAME ROUNDS FILE`."""

import sys
from pathlib import Path

import uvloop

from perf.kernels.kernel import kernel


async def _run(name: str, rounds: str, file: str) -> None:
    await kernel(name).rounds(int(rounds), Path(file))


if __name__ == "__main__":
    uvloop.run(_run(*sys.argv[1:]))
