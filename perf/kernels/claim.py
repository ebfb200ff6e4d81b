"""Jobs claimed from the SQLite store, a hundred at a time."""

from pathlib import Path

from perf.kernels.jobs import a_store

BATCH = 100


async def rounds(count: int, file: Path) -> None:
    async with a_store(file) as store:
        for _ in range(count // BATCH):
            if len(await store.claim(BATCH, owner="kernel", lease_s=60.0)) < BATCH:
                raise ValueError("there are not so many jobs")
