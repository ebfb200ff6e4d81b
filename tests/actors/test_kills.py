"""Each actor killed at work: its successor goes on, every job is settled once, nothing stays in hand."""

import asyncio
from pathlib import Path

import pytest

from engine.jobs.status import Status
from engine.runtime import Node, Supervisor
from perf.origin.server import serving
from tests.conftest import eventually
from tests.flow.works import all_settled, submit, the_settings, works

KILLED = ["persister", "renewer", "rescuer", "meter", "watchdog", "claimer", "governor", "fetcher"]
KILLED += ["suspect_fetcher", "fetchers"]


@pytest.mark.parametrize("name", KILLED)
async def test_work_goes_on_after_a_death(tmp_path: Path, name: str) -> None:
    async with serving() as site, works(the_settings(tmp_path)) as (outfit, root):
        jobs = await submit(outfit, [f"{site}/delay/5/page/{n}" for n in range(100)])
        for _ in range(3):
            await killed(root, name)
            jobs += await submit(outfit, [f"{site}/page/{n}" for n in range(50)])
        assert await all_settled(outfit) == {Status.COMPLETED: len(jobs)}
        await eventually(lambda: not len(outfit.system.ledger))  # the store tells of them before the persister hears
        assert not outfit.system.credits.held_bytes
        assert not outfit.system.outcomes.depth + outfit.system.leases.depth + outfit.system.commands.depth
        for job in jobs:
            found = await outfit.store.get(job.id)
            assert found is not None
            assert found.attempts == 1


async def killed(root: Supervisor, name: str) -> None:
    """As a bug would: its task ends although nobody asked it to. Returns when its successor runs."""
    before = restarts(root, name)
    victim = next(task for task in asyncio.all_tasks() if task.get_name() == name)
    victim.cancel()
    await eventually(lambda: restarts(root, name) > before)


def restarts(root: Supervisor, name: str) -> int:
    return _restarts(root.tree(), name)


def _restarts(node: Node, name: str) -> int:
    own = node.restarts if node.name == name else 0
    return own + sum(_restarts(child, name) for child in node.children)
