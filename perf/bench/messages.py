"""What a message weighs that waits in a mailbox: submit, lease as the store claims it, settlement of a 13 KB page.

Bytes of Python's own, by tracemalloc, the mean of many. What all of them share is not counted.
"""

import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random
from time import time

import uvloop

from engine.jobs.command import Submit
from engine.jobs.ids import Ids
from engine.jobs.job import Job
from engine.jobs.lease import Lease
from engine.jobs.outcome import Page
from engine.jobs.request import Request
from engine.jobs.verdict import Completed, Settlement
from perf.bench.storage import PAGE, a_store

_COUNT = 2_000
_HEADERS = (
    b"Server: nginx",
    b"Date: Tue, 14 Nov 2023 22:13:20 GMT",
    b"Content-Type: text/html; charset=utf-8",
    b"Connection: keep-alive",
    b"Cache-Control: public, max-age=3600",
    b"ETag: 65537f30-32c8",
    b"X-Frame-Options: DENY",
    b"Strict-Transport-Security: max-age=31536000",
)


def main() -> None:
    for name, weight in uvloop.run(measure()).items():
        print(f"{name:12} {weight:9,.0f} bytes")


async def measure() -> dict[str, float]:
    async with a_store() as store:
        with weighing() as submit_bytes:
            submits = _submits()
        await store.commit(submits)
        with weighing() as lease_bytes:
            leases = await store.claim(_COUNT, owner="bench", lease_s=60.0)
        with weighing() as settlement_bytes:
            settlements = [_settlement(lease) for lease in leases]
        await store.settle(settlements)
    lease = lease_bytes() / _COUNT
    return {"submit": submit_bytes() / _COUNT, "lease": lease, "settlement": lease + settlement_bytes() / _COUNT}


@contextmanager
def weighing() -> Iterator[Callable[[], int]]:
    """Gives what was made within its block and is still held at its end, once it has ended."""
    held = 0
    tracemalloc.start()
    try:
        yield lambda: held
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()


def _submits() -> list[Submit]:
    ids = Ids(wall=time, random_bits=Random(7).getrandbits)
    return [Submit(jobs=(_job(ids.job()),)) for _ in range(_COUNT)]


def _job(job_id: str) -> Job:
    now, host = time(), f"h{job_id}.test"
    return Job(id=job_id, request=Request(url=f"http://{host}/{job_id}", host=host), created_at=now, updated_at=now)


def _settlement(lease: Lease) -> Settlement:
    """With strings of its own, as they come from the wire; its lease is weighed apart."""
    headers = tuple(_header(line) for line in _HEADERS)
    page = Page(
        status_code=200,
        final_url=lease.request.url,
        headers=headers,
        content_type=headers[2][1],
        charset="utf-8",
        body=bytes(bytearray(PAGE)),
        size=len(PAGE),
        elapsed_s=lease.ran_s + 0.1,
    )
    return Settlement(lease=lease, outcome=page, verdict=Completed(), span=(lease.until, lease.until + 0.1))


def _header(line: bytes) -> tuple[str, str]:
    name, value = line.decode().split(": ", 1)
    return name, value


if __name__ == "__main__":
    main()
