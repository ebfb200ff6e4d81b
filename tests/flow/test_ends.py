"""What ends without an outcome moves the counters once: in one life of a process, and in one process of a fleet."""

import asyncio
import signal
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from perf.origin.server import serving
from tests.conftest import eventually
from tests.flow.daemons import Daemon, a_daemon, in_hand
from tests.flow.fleet import a_fleet

FOR_LATER = 40


async def counted(*daemons: Daemon) -> Counter[str]:
    """The states and the errors of jobs, as all of them together count them."""
    told = [await daemon.text_of("/metrics") for daemon in daemons]
    samples = [each for text in told for family in text_string_to_metric_families(text) for each in family.samples]
    found: Counter[str] = Counter()
    for sample in samples:
        if sample.name in {"jobs_total", "job_errors_total"} and sample.value:
            found[sample.labels.get("status") or sample.labels["error_type"]] += int(sample.value)
    return found


async def test_what_a_start_ends_and_what_is_cancelled_is_counted_in_that_life(tmp_path: Path) -> None:
    async with serving() as site:
        async with a_daemon(tmp_path) as daemon:
            lost = await daemon.submit(f"{site}/hang", method="POST")
            await eventually(lambda: [each.job_id for each in in_hand(tmp_path)] == [lost])
            daemon.tell(signal.SIGKILL)
            await daemon.ended()
        async with a_daemon(tmp_path) as daemon:
            assert await counted(daemon) == {"failed": 1, "connection_lost": 1}
            cancelled = await daemon.submit(f"{site}/hang")
            asked = [await daemon.ask("DELETE", f"/scrape/{job_id}") for job_id in (cancelled, cancelled, lost)]
            assert [status for status, _ in asked] == [200, 409, 409]
            assert await counted(daemon) == {"failed": 1, "connection_lost": 1, "cancelled": 1}
        async with a_daemon(tmp_path) as daemon:
            assert await counted(daemon) == {}


@pytest.mark.timeout(60)
async def test_of_a_fleet_one_counts(tmp_path: Path) -> None:
    """Who found that the lease had ended, and who was the first to cancel, whoever asked for it."""
    async with serving() as site, a_fleet(tmp_path, "all", "all", "all", LEASE_SECONDS="1.5") as fleet:
        lost = await fleet[0].submit(f"{site}/hang", method="POST")
        await eventually(lambda: any(lost in daemon.in_hand() for daemon in fleet))
        holder = next(daemon for daemon in fleet if lost in daemon.in_hand())
        holder.tell(signal.SIGKILL)
        await holder.ended()
        others = [daemon for daemon in fleet if daemon is not holder]
        assert (await others[0].get(f"/scrape/{lost}?wait=30"))["error_type"] == "connection_lost"
        later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
        jobs = [{"url": f"{site}/hang", "run_at": later}] * FOR_LATER
        assert (await others[0].ask("POST", "/scrape/bulk", json={"jobs": jobs}))[0] == 202
        await asyncio.gather(*(daemon.ask("POST", "/jobs/queue/clear") for daemon in others))
        assert await counted(*others) == {"failed": 1, "connection_lost": 1, "cancelled": FOR_LATER}
