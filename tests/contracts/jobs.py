"""Jobs and outcomes for the contract of stores, built from what matters in a test."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from engine.jobs.command import Submit
from engine.jobs.job import Job
from engine.jobs.lease import Lease
from engine.jobs.outcome import ErrorType, Failure, Outcome, Page
from engine.jobs.ports import JobStore
from engine.jobs.query import Settled
from engine.jobs.request import Options, Request
from engine.jobs.stages import BODY, FIRST_BYTE, no_times
from engine.jobs.trace import TraceContext
from engine.jobs.verdict import Completed, Failed, Retry, Settlement
from tests.contracts.stores import START
from tests.engine.jobs.builders import a_failure, a_page

LEASE_S = 30.0


def new_job(number: int = 0, *, host: str = "site.test", method: str = "GET", path: str = "", **changes: Any) -> Job:
    """Numbers rise with ids and with the time of creation."""
    request = Request(url=f"http://{host}/{path or number}", host=host, method=method, **changes.pop("request", {}))
    at = changes.pop("created_at", START + number)
    return Job(id=f"job_{number:04}", request=request, created_at=at, updated_at=at, **changes)


def page_with(body: bytes = b"<p>hello</p>", *, status_code: int = 200, **changes: Any) -> Page:
    return a_page(status_code=status_code, body=body, size=len(body), **changes)


def done(lease: Lease, page: Page | None = None) -> Settlement:
    return Settlement(lease=lease, outcome=page or page_with(), verdict=Completed())


def failed(lease: Lease, outcome: Outcome | None = None, message: str = "it failed") -> Settlement:
    verdict = Failed(error_type=ErrorType.CONNECT, message=message)
    return Settlement(lease=lease, outcome=outcome or a_failure(), verdict=verdict)


def put_off(lease: Lease, due_at: float) -> Settlement:
    verdict = Retry(due_at=due_at, error_type=ErrorType.CONNECT, message="later")
    failure = Failure(error_type=ErrorType.CONNECT, message="later", may_have_left=False, elapsed_s=0.25)
    return Settlement(lease=lease, outcome=failure, verdict=verdict)


def measured(settlement: Settlement, *, began_at: float, ended_at: float) -> Settlement:
    """With times of its fetch: 3 us for the first byte, 4 us for the body."""
    times = no_times()
    times[FIRST_BYTE], times[BODY] = 3.0, 4.0
    return replace(settlement, outcome=replace(settlement.outcome, times=times), span=(began_at, ended_at))


async def submit(store: JobStore, *jobs: Job) -> None:
    await store.commit([Submit(jobs=jobs)])


async def claim(store: JobStore, room: int = 100, *, owner: str = "me") -> Sequence[Lease]:
    return await store.claim(room, owner=owner, lease_s=LEASE_S)


async def claim_one(store: JobStore, job: Job | None = None) -> Lease:
    await submit(store, job or new_job())
    (lease,) = await claim(store)
    return lease


async def settle(store: JobStore, settlement: Settlement) -> Settled:
    (end,) = await store.settle([settlement])
    return end


async def now(store: JobStore, job_id: str) -> Job:
    job = await store.get(job_id)
    assert job is not None
    return job


async def body_of(store: JobStore, job_id: str) -> list[bytes]:
    return [piece async for piece in store.body(job_id)]


FULL_REQUEST = {
    "headers": {"X-Key": "a", "Accept": "*/*"},
    "params": {"q": ["1", 2, None]},
    "data": {"deep": {"er": [True, 1.5, "ü"]}},
    "options": Options(
        timeout_s=5.0, max_retries=0, retry_unsafe=True, proxy="http://proxy.test:8080", cache="only", extract_text=True
    ),
    "trace": TraceContext(f"00-{'a' * 32}-{'b' * 16}-01", "vendor=1"),
}
