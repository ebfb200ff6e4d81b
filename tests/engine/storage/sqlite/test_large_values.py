"""What the SQLite store holds of large values once they are written: nothing."""

import gc
import os
from dataclasses import replace
from pathlib import Path
from random import randbytes

from engine.jobs.command import KeepChunk
from engine.jobs.outcome import Extraction, Page
from engine.memory.allocator import trimmer
from tests.contracts.jobs import claim, done, new_job, page_with, submit
from tests.contracts.stores import Hand, sqlite

STATM = Path("/proc/self/statm")
TEXTS, TEXT_CHARACTERS = 4, 12_000_000
PIECES, PIECE_BYTES = 128, 256 * 1024
MOST_BYTES = 8_000_000


def resident() -> int:
    gc.collect()
    trim = trimmer()
    assert trim is not None
    trim()
    return int(STATM.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def test_what_was_written_is_not_kept_by_the_statements_that_wrote_it(tmp_path: Path, hand: Hand) -> None:
    async with sqlite(tmp_path, hand) as store:
        await submit(store, *[new_job(number) for number in range(TEXTS)])
        leases = await claim(store, TEXTS)
        before = resident()
        await store.commit(
            [
                KeepChunk(job_id=leases[0].job_id, fence=leases[0].fence, seq=seq, data=randbytes(PIECE_BYTES))
                for seq in range(PIECES)
            ]
        )
        assert resident() - before < MOST_BYTES
        for count in (TEXTS // 2, TEXTS // 2):
            settled, leases = leases[:count], leases[count:]
            await store.settle([done(lease, _long(number)) for number, lease in enumerate(settled)])
        assert resident() - before < MOST_BYTES


def _long(number: int) -> Page:
    return replace(page_with(b""), extraction=Extraction(text=str(number) * TEXT_CHARACTERS))
