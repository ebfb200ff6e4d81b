"""A write-ahead log that ends in the middle of a transaction is told from one that does not."""

import shutil
from pathlib import Path

from perf.torture.wal import is_torn
from tests.contracts.jobs import new_job, submit
from tests.contracts.stores import Hand, sqlite

FRAME_BYTES = 24 + 8192


async def test_a_log_is_torn_where_its_last_pages_were_not_committed(tmp_path: Path) -> None:
    log = tmp_path / "a-wal"
    assert not is_torn(log)
    log.write_bytes(bytes(4 * FRAME_BYTES))
    assert not is_torn(log)
    async with sqlite(tmp_path, Hand()) as store:
        await submit(store, *(new_job(number) for number in range(200)))
        shutil.copy(tmp_path / "jobs.db-wal", log)
    assert not is_torn(log)
    with log.open("r+b") as file:
        file.truncate(log.stat().st_size - FRAME_BYTES)
    assert is_torn(log)
