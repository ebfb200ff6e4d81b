"""Looks into this very process."""

import asyncio
import threading
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from queue import Queue

import pytest

from engine.errors import ProfileUnderWayError, SnapshotUnderWayError
from engine.profiling.profiler import CpuProfile, Profiler
from engine.profiling.sessions import Kind, Sessions
from engine.runtime import Mailbox, Threads
from tests.conftest import eventually

SPINS = f"{__name__}:spin"


def spin(is_over: threading.Event) -> None:
    while not is_over.is_set():
        sum(range(100))


@contextmanager
def threads() -> Iterator[None]:
    """One that works and one that waits for work."""
    is_over, work = threading.Event(), Queue[None]()
    busy = threading.Thread(target=spin, args=(is_over,), name="busy", daemon=True)
    idle = threading.Thread(target=work.get, name="idle", daemon=True)
    for each in (busy, idle):
        each.start()
    try:
        yield
    finally:
        is_over.set()
        work.put(None)
        for each in (busy, idle):
            each.join(5)


@pytest.fixture
def shown() -> list[int]:
    return []


@pytest.fixture
async def profiler(shown: list[int]) -> AsyncIterator[Profiler]:
    calls = Threads("look", 1)
    yield Profiler(call=calls, sessions=Sessions(show=shown.append))
    await calls.close()


def own(profile: CpuProfile, thread: str) -> Counter[str]:
    """Samples by the innermost function."""
    found = Counter[str]()
    for stack in profile.stacks:
        if stack.thread == thread:
            found[profile.names[stack.frames[-1]]] += stack.samples
    return found


async def test_the_function_that_spins_is_found_and_who_waits_is_idle(profiler: Profiler) -> None:
    with threads():
        profile = await profiler.cpu(1.0)
    shares = {share.name: share for share in profile.threads}
    first, samples = own(profile, "busy").most_common(1)[0]
    assert first == SPINS
    assert 0.5 * shares["busy"].busy < samples <= shares["busy"].busy
    assert shares["idle"].busy == 0 < shares["idle"].samples
    assert shares["busy"].cpu_s > 10 * shares["idle"].cpu_s
    assert profile.threads[0].name == "busy"
    assert profile.looks + profile.late >= 0.9 * profile.seconds * 100
    assert "profile" not in shares


async def test_there_is_one_look_at_a_time_and_it_is_shown(profiler: Profiler, shown: list[int]) -> None:
    looking = asyncio.ensure_future(profiler.cpu(0.1))
    await eventually(lambda: shown == [1])
    with pytest.raises(ProfileUnderWayError):
        await profiler.cpu(0.1)
    with pytest.raises(ProfileUnderWayError):
        profiler.tasks()
    await looking
    profiler.tasks()
    assert shown == [1, 0, 1, 0]


def test_who_is_refused_hears_what_runs() -> None:
    sessions = Sessions(show=lambda _: None)
    with sessions.one(Kind.MEMORY), pytest.raises(SnapshotUnderWayError), sessions.one(Kind.CPU):
        pass


async def test_who_is_cancelled_leaves_no_thread(profiler: Profiler, shown: list[int]) -> None:
    looking = asyncio.ensure_future(profiler.cpu(300))
    await eventually(lambda: "profile" in [thread.name for thread in threading.enumerate()])
    looking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await looking
    await eventually(lambda: "profile" not in [thread.name for thread in threading.enumerate()])
    assert shown == [1, 0]


async def test_tasks_that_wait_in_the_same_place_are_told_together(profiler: Profiler) -> None:
    mailbox = Mailbox[int]("leases", capacity=1)

    async def steps() -> AsyncIterator[int]:
        yield await mailbox.get()

    async def wait() -> None:
        async for _ in steps():
            pass

    tasks = [asyncio.create_task(wait(), name=name) for name in ("fetcher", "fetcher", "claimer", None)]
    await asyncio.sleep(0)
    standing = profiler.tasks()
    group = standing.groups[0]
    assert (group.count, group.actors) == (4, ["claimer", "fetcher"])
    names = [frame.rpartition(":")[0].rpartition(".")[2] for frame in group.frames[:-1]]
    assert names[:2] == ["wait", "steps"]
    assert "engine.runtime.mailbox:Mailbox.get" in group.frames[2]
    assert group.frames[-1] == "(a future)"
    assert standing.total == sum(each.count for each in standing.groups)
    assert [each.frames[-1] for each in standing.groups if __name__ in each.frames[0]][1:] == ["(running)"]
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)
