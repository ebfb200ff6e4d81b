"""Claims in files that are filled by force; small, for it is the way that is tested and not the speed."""

from argparse import ArgumentParser
from pathlib import Path

import pytest

from engine.jobs.status import Status
from engine.storage.check import check
from perf.scenarios.backlog import build
from perf.scenarios.claim_contention import options, run
from tests.contracts.jobs import claim
from tests.contracts.stores import Hand
from tests.engine.storage.sqlite.test_store import reopened

FEW = ["--small=200", "--large=400", "--hosts=8", "--claimed=16", "--rounds=3"]


@pytest.mark.parametrize(("bar", "is_broken"), [(1000, False), (0, True)])
def test_a_run_tells_the_ratio_and_whether_it_is_above_the_bar(*, bar: float, is_broken: bool) -> None:
    parser = ArgumentParser()
    options(parser)
    result = run(parser.parse_args([*FEW, f"--bar={bar}"]))
    assert (result.numbers["ratio"] > 0, bool(result.broken)) == (True, is_broken)


async def test_a_backlog_made_by_force_is_as_one_that_the_store_has_written(tmp_path: Path) -> None:
    path = tmp_path / "jobs.db"
    await build(path, rows=1000, hosts=8)
    assert check(path) == []
    store = await reopened(path, Hand())
    assert {status: n for status, n in (await store.counts()).items() if n} == {Status.QUEUED: 600, Status.FAILED: 400}
    assert (await store.queue()).delayed == 200
    assert len(await claim(store, 500)) == 400
    await store.close()
    assert check(path) == []
