"""What every Fetch promises about memory: a body is paid for before it is read, and the wait for that is ours."""

import asyncio
import gzip
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import pytest

from engine.fetch.limits import CHUNK_BYTES
from engine.jobs.footprint import FLOOR_BYTES
from engine.jobs.outcome import ErrorType, Failure, Page
from engine.jobs.stages import Stage
from engine.runtime import Allowance, Credits
from tests.conftest import eventually
from tests.contracts.budget import an_allowance
from tests.contracts.test_fetch import FETCHES, Visitor

STEP = 32 * 1024
SLACK_BYTES = 512 * 1024
"""Of the site, which is in this process, and of the loop, which has room for 256 KiB when it reads a socket."""
PLAIN = bytes(range(256)) * 16 * 1024


@asynccontextmanager
async def sending(payload: bytes, *headers: str, then_waits: bool = True) -> AsyncIterator[str]:
    """A site that never holds more of what it sends than a step."""
    head = "\r\n".join(["HTTP/1.1 200 OK", "Content-Type: text/plain", *headers, "", ""]).encode()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError):
            await reader.readuntil(b"\r\n\r\n")
            writer.write(head)
            for start in range(0, len(payload), STEP):
                writer.write(payload[start : start + STEP])
                await writer.drain()
            if then_waits:
                await reader.read()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0, limit=STEP) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"


@pytest.fixture(params=FETCHES)
async def visit(request: pytest.FixtureRequest) -> AsyncIterator[Visitor]:
    async with FETCHES[request.param]() as fetch:
        yield Visitor(fetch)


class Scarce:
    """A budget that another holds all of but one floor, for as long as it likes."""

    def __init__(self, total: int = 64 * FLOOR_BYTES) -> None:
        self.credits = Credits(total)
        self.ours = an_allowance(of=self.credits)
        self.other = an_allowance(total - FLOOR_BYTES, of=self.credits)

    async def finishes(self) -> Allowance:
        """The other alone may take more than there is."""
        await self.other.reach(2 * self.credits.total_bytes)
        return self.ours


async def _dropped(_: bytes) -> None: ...


def _chunked(body: bytes) -> bytes:
    return b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)


BODIES = {
    "small": (PLAIN[:CHUNK_BYTES], f"Content-Length: {CHUNK_BYTES}"),
    "large": (PLAIN, f"Content-Length: {len(PLAIN)}"),
    "endless": (_chunked(PLAIN), "Transfer-Encoding: chunked"),
    "folded": (gzip.compress(PLAIN), "Content-Encoding: gzip"),
}


@pytest.mark.parametrize("whole", [False, True])
@pytest.mark.parametrize("kind", BODIES)
async def test_a_body_is_paid_for_before_it_is_read_and_all_that_it_takes(
    visit: Visitor, kind: str, *, whole: bool
) -> None:
    payload, header = BODIES[kind]
    credit = an_allowance()
    async with sending(payload, header, *(["Connection: close"] * (kind == "folded")), then_waits=False) as url:
        await visit(url, sink=_dropped)  # what is made once
        tracemalloc.start()
        try:
            page = await visit.page(url, credit=credit, sink=_dropped, options={"extract_text": whole})
            _, most = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert page.size == (CHUNK_BYTES if kind == "small" else len(PLAIN))
    assert credit.held >= FLOOR_BYTES
    assert most < credit.held + SLACK_BYTES


@pytest.mark.parametrize("kind", ["small", "large", "endless"])
async def test_what_cannot_be_paid_for_is_left_with_the_site_and_the_deadline_stands_still(
    visit: Visitor, kind: str
) -> None:
    scarce = Scarce()
    credit = await scarce.finishes()
    payload, header = BODIES[kind]
    async with sending(payload, header) as url:
        await visit(f"{url}", options={"max_body_bytes": 1})
        tracemalloc.start()
        try:
            fetch = asyncio.create_task(visit(url, credit=credit, timeout_s=0.5))
            await eventually(lambda: scarce.credits.waiting)
            await asyncio.wait((fetch,), timeout=0.8)
            held, _ = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
        assert scarce.credits.waiting == 1
        assert held < FLOOR_BYTES + SLACK_BYTES
        scarce.other.give_back()
        page = await fetch
    assert isinstance(page, Page), page
    assert page.elapsed_s < 0.5
    assert page.times is not None
    assert page.times[list(Stage).index(Stage.MEMORY)] > 0.5e6


async def test_a_site_that_hangs_up_while_it_is_kept_waiting_is_known(visit: Visitor) -> None:
    scarce = Scarce()
    credit = await scarce.finishes()
    async with sending(PLAIN[:STEP], f"Content-Length: {CHUNK_BYTES}", then_waits=False) as url:
        fetch = asyncio.create_task(visit(url, credit=credit))
        await eventually(lambda: scarce.credits.waiting)
        await asyncio.wait((fetch,), timeout=0.2)
        scarce.other.give_back()
        failure = await fetch
    assert isinstance(failure, Failure), failure
    assert failure.error_type is ErrorType.CONNECTION_LOST
    assert failure.kept_waiting_s > 0.1
    assert failure.elapsed_s < 0.2


async def test_a_page_that_is_wanted_whole_and_never_fits_is_too_large(visit: Visitor) -> None:
    credit = an_allowance(of=Credits(len(PLAIN)))
    async with sending(*BODIES["large"]) as url:
        failure = await visit.failure(url, credit=credit, options={"extract_text": True})
    assert failure.error_type is ErrorType.BODY_TOO_LARGE
    assert str(len(PLAIN)) in failure.message
