"""What a check looks at, in a store of either kind."""

from engine.jobs.command import KeepChunk, Submit
from engine.jobs.job import Batch
from engine.jobs.outcome import Chunks
from engine.jobs.ports import JobStore
from tests.contracts.jobs import claim, done, new_job, page_with
from tests.contracts.stores import START


async def filled(store: JobStore) -> None:
    batch = Batch(id="batch_2", total=1, created_at=START, parallel_limit=2)
    await store.commit([Submit(jobs=tuple(new_job(number) for number in range(3)))])
    small, large, _ = await claim(store)
    await store.commit(
        [KeepChunk(job_id=large.job_id, fence=1, seq=seq, data=b"x" * 9000) for seq in range(2)]
        + [Submit(jobs=(new_job(3, batch_id="batch_1"),))]
        + [Submit(jobs=(new_job(4, batch_id="batch_2"),), batch=batch)]
    )
    await store.settle([done(small), done(large, page_with(b"", chunks=Chunks(count=2, sha256="5f")))])
