"""What was seen of real daemons; test_leaks.py says how."""

import csv
from pathlib import Path

from engine.memory.leaks import Sample

SERIES = Path(__file__).parent / "series"


def series(name: str) -> list[Sample]:
    with (SERIES / f"{name}.csv").open() as lines:
        return [
            Sample(at=float(at), rss_bytes=int(rss), held_bytes=int(held), blocks=int(blocks), pages=int(pages))
            for at, rss, held, blocks, pages in csv.reader(lines)
        ]
