"""What goes on in a process: users ask, the system works, and at the end everything is as it should be."""

import asyncio
from collections.abc import Callable

from engine.jobs.status import FINAL
from engine.runtime import Escalated, State, Supervisor
from tests.simulation.process import Process
from tests.simulation.small import SmallSystem
from tests.simulation.users import Users

USERS = 3
SETTLED_WITHIN_S = 240.0
"""Of calm: the longest delays between retries, and what is left of leases."""
HEALED_WITHIN_S = 5.0
"""Of calm: who has seen too much gives up in this time, and not later."""
QUIET_WITHIN_S = 60.0
DRAIN_S = 3.0
"""A drain takes no longer than the grace and this, when nothing goes wrong."""
ROUGH_DRAIN_S = 150.0
"""When much goes wrong: the graces of all actors, one after the other, and of what they lost."""


async def some_work(process: Process, system: SmallSystem, *, seconds: float) -> bool:
    """Stopped after the seconds, or before by a system that gives up."""
    running, root, asking = _begun(process, system)
    await asyncio.wait((running,), timeout=seconds)
    is_calm = process.setting.random.random() < 0.5
    if is_calm:
        await _calmed(process)
    is_sound = is_calm and root.tree().state is State.RUNNING
    await _stopped(process, running, root, patience_s=DRAIN_S if is_sound else ROUGH_DRAIN_S)
    await _left(process, system, asking)
    return True


async def all_work(process: Process, system: SmallSystem, *, rough_s: float) -> bool:
    """Until all that was ever submitted has come to its end: false if the system gave up while things went wrong."""
    running, root, asking = _begun(process, system)
    await asyncio.wait((running,), timeout=rough_s)
    await _calmed(process)
    await asyncio.wait((running,), timeout=HEALED_WITHIN_S)
    gave_up = root.tree().state is not State.RUNNING
    if not gave_up:
        await asyncio.wait(asking)
        await _users(process).insist(system)
        await _within(SETTLED_WITHIN_S, process, lambda: _unsettled(process))
        await _within(QUIET_WITHIN_S, process, lambda: list(system.in_hand()))
    await _stopped(process, running, root, patience_s=DRAIN_S)
    await _left(process, system, asking)
    return not gave_up


async def _calmed(process: Process) -> None:
    process.calm()
    await _within(SETTLED_WITHIN_S, process, lambda: ["stalled"] * process.loop.is_stalled)


Begun = tuple[asyncio.Task[None], Supervisor, list[asyncio.Task[None]]]


def _begun(process: Process, system: SmallSystem) -> Begun:
    root = system.tree()
    running = process.loop.create_task(root.run(), name="root")
    asking = [process.loop.create_task(_users(process).act(system, process.web)) for _ in range(USERS)]
    return running, root, asking


def _users(process: Process) -> Users:
    setting = process.setting
    return Users(
        random=setting.random,
        clock=setting.clock,
        ids=setting.ids,
        habits=setting.story.habits,
        books=setting.books,
        submits=setting.submits,
        tell=setting.trace.add,
        fail=setting.fail,
    )


def _unsettled(process: Process) -> list[str]:
    return [f"{row} is stuck" for row in process.setting.books.rows.values() if row.status not in FINAL]


async def _within(seconds: float, process: Process, complaints: Callable[[], list[str]]) -> None:
    ends_at = process.loop.time() + seconds
    while found := complaints():
        if process.loop.time() > ends_at:
            process.setting.fail(f"still, after {seconds} s of calm: {found}")
        await asyncio.sleep(0.1)


async def _stopped(process: Process, running: asyncio.Task[None], root: Supervisor, *, patience_s: float) -> None:
    process.setting.trace.add("stop")
    began = process.loop.time()
    if not running.done():
        await root.drain()
    took_s = process.loop.time() - began
    if took_s > process.setting.story.size.grace_s + patience_s:
        process.setting.fail(f"the drain took {took_s:.1f} s")
    try:
        await running
    except Escalated:
        process.setting.trace.add("exit 1")


async def _left(process: Process, system: SmallSystem, asking: list[asyncio.Task[None]]) -> None:
    for task in asking:
        task.cancel()
    await asyncio.gather(*asking, return_exceptions=True)
    for complaint in system.not_given_back():
        process.setting.fail(complaint)
