"""The ledger of jobs that went through every actor, on a real file and a real site."""

from pathlib import Path
from typing import Any

import pytest

from actors.outfit import Outfit
from engine.jobs.job import Job
from engine.jobs.stages import Spent, Stage
from engine.jobs.status import Status
from perf.origin.server import serving
from tests.conftest import eventually
from tests.contracts.scripted import answer, saying
from tests.flow.works import all_settled, submit, the_settings, works

MISSING_MS = 100.0
"""What a busy machine may lose between two stages; a fraction of a millisecond on an idle one."""
EXTRA_MS = 2.0
"""What the wall clock, by which jobs are made, may drift from the store's."""


async def told(outfit: Outfit, job: Job) -> tuple[dict[str, float], dict[str, float], float]:
    """Milliseconds of the last attempt, of all together, and of the whole way."""
    found = await outfit.store.explain(job.id)
    assert found is not None
    assert found.job.completed_at is not None
    return _ms(found.last), _ms(found.total), (found.job.completed_at - found.job.created_at) * 1e3


def _ms(spent: Spent | None) -> dict[str, float]:
    assert spent is not None
    assert min(spent) >= 0
    return {stage.value: took / 1e3 for stage, took in zip(Stage, spent, strict=True)}


@pytest.mark.parametrize(
    ("path", "options", "at_least"),
    [
        ("/page/1", {}, {}),
        ("/page/1", {"extract_text": True, "extract_links": True}, {"extraction": 0.01}),
        ("/delay/80/page/1", {}, {"first_byte": 80}),
        ("/slow/5?every_ms=20", {}, {"body": 80}),
        ("/size/3000000", {}, {"persisting": 1}),
        ("/size/200000?gzip=1", {}, {}),
        ("/redirect/3", {}, {}),
        ("/status/404", {}, {}),
        ("/hang", {"timeout_s": 1, "max_retries": 0}, {"first_byte": 990}),
    ],
)
async def test_the_stages_add_up_to_the_way_of_a_job(
    tmp_path: Path, path: str, options: dict[str, Any], at_least: dict[str, float]
) -> None:
    async with serving() as site, works(the_settings(tmp_path)) as (outfit, _):
        (job,) = await submit(outfit, [site + path], **options)
        await all_settled(outfit)
        last, total, whole_ms = await told(outfit, job)
    assert last == total
    assert -EXTRA_MS < whole_ms - sum(last.values()) < MISSING_MS
    assert {stage for stage, least in at_least.items() if last[stage] < least} == set()
    assert all(last[stage] > 0 for stage in ("queue", "mailbox", "connect", "first_byte", "persisting"))


async def test_tls_is_a_stage_of_its_own(tmp_path: Path) -> None:
    settings = the_settings(tmp_path, HTTP_VERIFY_SSL="false")
    async with saying(answer(b"ok"), over_tls=True) as site, works(settings) as (outfit, _):
        (job,) = await submit(outfit, [site.url.replace("127.0.0.1", "localhost")])
        assert await all_settled(outfit) == {Status.COMPLETED: 1}
        last, _, whole_ms = await told(outfit, job)
    assert all(last[stage] > 0 for stage in ("dns", "connect", "tls"))
    assert -EXTRA_MS < whole_ms - sum(last.values()) < MISSING_MS


async def test_the_attempts_add_up_too_and_their_delays(tmp_path: Path) -> None:
    async with serving() as site, works(the_settings(tmp_path)) as (outfit, _):
        (job,) = await submit(outfit, [f"{site}/flaky/a?fails=2"], delay_between_retries_s=0.2)
        assert await all_settled(outfit) == {Status.COMPLETED: 1}
        last, total, whole_ms = await told(outfit, job)
    assert -EXTRA_MS < whole_ms - sum(total.values()) < 3 * MISSING_MS
    assert sum(last.values()) < sum(total.values())
    assert total["delay"] >= last["delay"]


async def test_a_retry_that_waits_is_a_row_and_nothing_else(tmp_path: Path) -> None:
    async with serving() as site, works(the_settings(tmp_path)) as (outfit, _):
        jobs = await submit(outfit, [f"{site}/status/503?retry_after=3000"] * 40)
        while (await outfit.store.queue()).delayed < len(jobs):
            await outfit.store.wait_for_work(0.01)
        await eventually(lambda: not len(outfit.system.ledger))
        assert not outfit.system.outcomes.depth + outfit.system.leases.depth + outfit.system.commands.depth
        found = await outfit.store.explain(jobs[0].id)
        assert found is not None
        assert found.job.due_at is not None
        assert found.job.due_at - found.job.updated_at > 2990


async def test_the_stages_stand_in_the_metrics(tmp_path: Path) -> None:
    async with serving() as site, works(the_settings(tmp_path)) as (outfit, _):
        await submit(outfit, [f"{site}/page/1"])
        await all_settled(outfit)
        count = outfit.gauges.registry.get_sample_value
        await eventually(lambda: count("job_stage_seconds_count", {"stage": "first_byte"}) == 1)
        shown = {stage for stage in Stage if count("job_stage_seconds_count", {"stage": stage})}
    assert shown >= {"queue", "mailbox", "connect", "first_byte", "body", "persisting"}
