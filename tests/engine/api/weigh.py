"""Weighs bodies in a fresh process: what reading, checking and writing down each takes of memory at the most.

Resident bytes, as the kernel counts them: parsers allocate much that they never touch.
"""

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import orjson

from engine.api.bodies import document_of, validated
from engine.api.errors import InvalidInputError
from engine.api.requests import MOST_BULK_JOBS, BulkScrapeRequest
from engine.api.submits import job_of
from engine.storage.job_rows import new_row
from tests.engine.api.services import the_services
from tests.engine.api.shelf import Shelf

URL = "http://site.test/a"
STATUS, FORGET = Path("/proc/self/status"), Path("/proc/self/clear_refs")
PEAK, NOW = (re.compile(rf"^{name}:\s+(\d+) kB$", re.MULTILINE) for name in ("VmHWM", "VmRSS"))
BODIES: Mapping[str, Callable[[], Any]] = {
    "short jobs": lambda: {"jobs": [{"url": f"http://h{n}.test"} for n in range(MOST_BULK_JOBS)]},
    "objects": lambda: {"jobs": [{"url": URL, "data": {"a": [{} for _ in range(300_000)]}}]},
    "small objects": lambda: {"jobs": [{"url": URL, "data": {"a": [{"b": 1} for _ in range(200_000)]}}]},
    "numbers": lambda: {"jobs": [{"url": URL, "data": {"a": [n / 7 for n in range(500_000)]}}]},
    "names": lambda: {"jobs": [{"url": URL, "params": {f"name {n}": "" for n in range(200_000)}}]},
    "a long text": lambda: {"jobs": [{"url": URL, "data": {"a": "é" * 10_000_000}}]},
    "a text with one wide character": lambda: {"jobs": [{"url": URL, "data": {"a": "x" * 10_000_000 + "\U0001f600"}}]},
    "a text to be escaped": lambda: {"jobs": [{"url": URL, "data": {"a": "\x01" * 5_000_000}}]},
}


def body(kind: str) -> bytes:
    return orjson.dumps(BODIES[kind]())


def weigh(raw: bytes) -> int:
    services = the_services(Shelf())
    before = _kib(NOW)
    FORGET.write_text("5")
    try:
        asked = validated(BulkScrapeRequest, document_of(raw), services=services)
        rows = [new_row(job_of(each, services, now=0.0), "lane") for each in asked.jobs]
        assert rows
    except InvalidInputError:
        pass
    return (_kib(PEAK) - before) * 1024


def _kib(what: re.Pattern[str]) -> int:
    found = what.search(STATUS.read_text())
    assert found is not None
    return int(found[1])


if __name__ == "__main__":
    print(weigh(body(sys.argv[1])))  # noqa: T201 - whoever started it reads it
