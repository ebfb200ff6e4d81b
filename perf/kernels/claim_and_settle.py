"""Jobs claimed from the SQLite store and settled with a page of 13 KB each, a hundred at a time."""

from collections.abc import Sequence
from pathlib import Path

from engine.jobs.lease import Lease
from engine.jobs.outcome import Page
from engine.jobs.verdict import Completed, Settlement
from perf.kernels.claim import BATCH
from perf.kernels.jobs import a_store

_BODY = b"".join(b"<p>%d words of a page, number %d</p>\n" % (line * line % 1009, line) for line in range(400))[:13_000]


async def rounds(count: int, file: Path) -> None:
    async with a_store(file) as store:
        for _ in range(count // BATCH):
            leases = await store.claim(BATCH, owner="kernel", lease_s=60.0)
            settled = await store.settle(_settlements(leases))
            if sum(end.accepted for end in settled) < BATCH:
                raise ValueError("there are not so many jobs")


def _settlements(leases: Sequence[Lease]) -> list[Settlement]:
    page = Page(
        status_code=200,
        final_url="http://host.test/",
        headers=(("Content-Type", "text/html"), ("Server", "kernel")),
        content_type="text/html",
        charset="utf-8",
        body=_BODY,
        size=len(_BODY),
        elapsed_s=0.1,
    )
    return [
        Settlement(lease=lease, outcome=page, verdict=Completed(), span=(lease.claimed_at, lease.claimed_at + 0.1))
        for lease in leases
    ]
