"""The audit of a torture finds each thing that may go wrong, and nothing where all went well."""

from hashlib import sha256
from pathlib import Path

import aiohttp
import pytest

from engine.jobs.ports import JobStore
from perf.origin.server import serving
from perf.torture.accounts import Accounts
from perf.torture.audit import audited
from perf.torture.embedded import EmbeddedGround
from perf.torture.errands import Errand
from tests.contracts.jobs import claim, done, failed, new_job, page_with, put_off, settle, submit
from tests.contracts.stores import START, Hand, sqlite

BODY = b"<p>the page</p>"
A_PAGE = Errand(path="/page/0", sha256=sha256(BODY).hexdigest())
A_POST = Errand(path="/count/a", method="POST")
JOB = "job_0000"


async def ended(store: JobStore, way: str) -> None:
    if way == "lost":
        return
    await submit(store, new_job())
    if way == "doubled":
        (lease,) = await claim(store)
        await settle(store, put_off(lease, START - 1))
        await store.promote(1)
    if way != "stuck":
        (lease,) = await claim(store)
        page = page_with(b"another page" if way == "spoiled" else BODY)
        await settle(store, failed(lease) if way == "failed" else done(lease, page))


@pytest.mark.parametrize("way", ["well", "lost", "stuck", "doubled", "spoiled", "failed"])
async def test_what_became_of_a_page_is_found(tmp_path: Path, way: str) -> None:
    accounts = Accounts()
    accounts.asked([A_PAGE])
    accounts.acknowledged([JOB], [A_PAGE])
    async with sqlite(tmp_path, Hand()) as store:
        await ended(store, way)
    async with serving() as site:
        verdict = await audited(EmbeddedGround(tmp_path, "jobs.db"), accounts, site)
    assert verdict.broken() == ([] if way == "well" else [f"1 {way}: {JOB}"])


@pytest.mark.parametrize(("times", "broken"), [(1, []), (2, [f"1 sent twice: {JOB}"])])
async def test_a_post_that_came_twice_is_found(tmp_path: Path, times: int, broken: list[str]) -> None:
    accounts = Accounts()
    accounts.acknowledged([JOB], [A_POST])
    async with sqlite(tmp_path, Hand()) as store:
        await ended(store, "well")
    async with serving() as site, aiohttp.ClientSession() as session:
        for _ in range(times):
            async with session.post(f"{site}{A_POST.path}") as answer:
                assert answer.status == 200
        verdict = await audited(EmbeddedGround(tmp_path, "jobs.db"), accounts, site)
    assert verdict.broken() == broken


async def test_an_end_that_changes_and_a_damaged_file_are_found(tmp_path: Path) -> None:
    accounts = Accounts()
    for completed_at in ("2026-01-01", "2026-01-02"):
        accounts.saw({"job_id": JOB, "status": "completed", "completed_at": completed_at})
    async with sqlite(tmp_path, Hand()) as store:
        await ended(store, "well")
    path = tmp_path / "jobs.db"
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2)
        file.write(b"\xff" * 8192)
    async with serving() as site:
        verdict = await audited(EmbeddedGround(tmp_path, "jobs.db"), accounts, site)
    assert len(verdict.broken()) == 2
