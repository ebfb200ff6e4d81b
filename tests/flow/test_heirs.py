"""What a process on a server had when it was killed: who lives beside it has it soon, and elsewhere its leases end."""

import signal
from pathlib import Path

import pytest

from engine.jobs.losses import POISON_AFTER
from perf.origin.server import serving
from tests.contracts.stores import blank_server
from tests.flow.daemons import a_daemon
from tests.flow.fleet import a_fleet, hanging
from tests.servers.postgres import fresh_database

NEVER_ENDS_S = "3600"


async def test_who_lives_takes_over_what_another_of_its_machine_had_when_it_was_killed(tmp_path: Path) -> None:
    async with hanging() as hung, fresh_database(template=blank_server()) as url:
        told = {"DATABASE_URL": url, "TMPDIR": str(tmp_path), "LEASE_SECONDS": NEVER_ENDS_S}
        async with a_daemon(_folder(tmp_path, "dies"), **told) as dies:
            job_id = await dies.submit(hung.url, config={"timeout": 300})
            await hung.asked.wait()
            async with a_daemon(_folder(tmp_path, "lives"), **told) as lives:
                hung.asked.clear()
                dies.tell(signal.SIGKILL)
                await dies.ended()
                await hung.asked.wait()
                assert (await lives.get(f"/scrape/{job_id}/explain"))["losses"] == 1


@pytest.mark.timeout(90)
async def test_a_page_that_kills_on_one_machine_after_the_other_is_poison_too(tmp_path: Path) -> None:
    """No journal of a machine that is gone is ever read."""
    async with (
        serving() as site,
        fresh_database(template=blank_server()) as url,
        a_fleet(tmp_path, "api", url=url) as (api,),
    ):
        job_ids = await api.submit_all(f"{site}/deadly", *(f"{site}/page/{number}" for number in range(8)))
        deaths, is_settled = 0, False
        while not is_settled:
            place = _folder(tmp_path, f"machine-{deaths}")
            told = {"DATABASE_URL": url, "TMPDIR": str(place), "LEASE_SECONDS": "1"}
            async with a_daemon(place, module="tests.flow.deadly", **told) as daemon:
                is_settled = await daemon.settles_all()
                deaths += not is_settled
        ends = [await api.get(f"/scrape/{job_id}") for job_id in job_ids]
    assert [(job["status"], job["error_type"]) for job in ends] == [("failed", "poison"), *[("completed", None)] * 8]
    assert deaths == POISON_AFTER


def _folder(folder: Path, name: str) -> Path:
    place = folder / name
    place.mkdir()
    return place
