"""A page that kills the process which fetches it, whoever starts it again: it ends, and its neighbours are done."""

import signal
from pathlib import Path

import pytest

from engine.jobs.losses import DEATHS_ALONE, SUSPECT_AFTER
from perf.origin.server import serving
from tests.conftest import eventually
from tests.flow.daemons import a_daemon, findings, in_hand, rows

NEIGHBOURS = 24


@pytest.mark.timeout(90)
async def test_a_deadly_page_is_poison_and_its_neighbours_complete_with_one_settle_each(tmp_path: Path) -> None:
    async with serving() as site:
        pages = [f"{site}/delay/100/page/{n}" for n in range(NEIGHBOURS)]
        urls = (*pages[:4], f"{site}/deadly", *pages[4:])
        deaths, job_ids, is_settled = 0, list[str](), False
        while not is_settled:
            async with a_daemon(tmp_path, module="tests.flow.deadly", MAX_CONCURRENT_JOBS="8") as daemon:
                job_ids = job_ids or await daemon.submit_all(*urls)
                is_settled = await daemon.settles_all()
                if is_settled:
                    jobs = [await daemon.get(f"/scrape/{job_id}") for job_id in job_ids]
                    told = await daemon.text_of("/metrics")
                deaths += not is_settled
    deadly = jobs.pop(4)
    assert (deadly["status"], deadly["error_type"]) == ("failed", "poison")
    assert f"{deaths} times in a row" in deadly["error_message"]
    assert 'jobs_total{job_type="http",status="failed"} 1.0' in told
    assert 'job_errors_total{error_type="poison"} 1.0' in told
    assert deaths == SUSPECT_AFTER + DEATHS_ALONE
    assert [job["status"] for job in jobs] == ["completed"] * NEIGHBOURS
    assert {job["result"]["attempts"] for job in jobs} == {1}
    assert findings(tmp_path) == []


async def test_after_kill_9_only_what_was_being_fetched_is_held_to_account_and_no_lease_is_waited_for(
    tmp_path: Path,
) -> None:
    async with serving() as site:
        async with a_daemon(tmp_path, MAX_CONCURRENT_JOBS="1", LEASE_SECONDS="600") as daemon:
            # Those before it are quick, so that others are claimed ahead when it hangs.
            quick = [{"url": f"{site}/page/{n}", "priority": 10} for n in range(10)]
            hanging = {"url": f"{site}/hang", "method": "POST", "priority": 5}
            behind = [{"url": f"{site}/echo", "method": "POST"}, {"url": f"{site}/page/1"}]
            _, answer = await daemon.ask("POST", "/scrape/bulk", json={"jobs": [*quick, hanging, *behind]})
            *_, sent, unsent, page = answer["job_ids"]
            await eventually(lambda: [each.job_id for each in in_hand(tmp_path)] == [sent])
            await eventually(lambda: [row[0] for row in rows(tmp_path)][-3:-1] == ["running"] * 2)
            daemon.tell(signal.SIGKILL)
            await daemon.ended()
        async with a_daemon(tmp_path) as daemon:
            ends = [await daemon.get(f"/scrape/{job_id}?wait=20") for job_id in (sent, unsent, page)]
    assert [(job["status"], job["error_type"]) for job in ends] == [
        ("failed", "connection_lost"),
        ("completed", None),
        ("completed", None),
    ]
