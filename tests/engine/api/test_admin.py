"""What only this machine itself may ask for."""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web

from engine.api import Services, build_app
from engine.api.admin import OF_OTHERS, is_from_here
from engine.errors import SnapshotUnderWayError
from engine.memory.snapshot import Growths
from engine.profiling.profiler import Profiler
from engine.profiling.sessions import Sessions
from engine.runtime import inline
from tests.conftest import eventually
from tests.engine.api.conftest import Client
from tests.engine.api.services import Lens, Tally, the_services
from tests.engine.api.shelf import Shelf

PATH = "/api/v1/admin/memory/snapshot"
PROFILE = "/api/v1/admin/profile"


@pytest.fixture
def services(shelf: Shelf) -> Services:
    """Their profiles are of this very process."""
    return the_services(shelf, profiler=Profiler(call=inline, sessions=Sessions(show=lambda _: None)))


@pytest.fixture
def lens(services: Services) -> Lens:
    assert isinstance(services.snapshot, Lens)
    return services.snapshot


async def refusal(client: Client, path: str = PATH, **headers: str) -> tuple[int, str]:
    async with client.post(path, headers=headers) as response:
        return response.status, (await response.json())["error"]


async def test_a_snapshot_names_the_lines_that_grew_and_what_it_cost(client: Client, lens: Lens) -> None:
    async with client.post(f"{PATH}?seconds=2") as response:
        answer = await response.json()
    line = {"file": "leak.py", "line": 7, "size_bytes": 4096, "count": 4, "held_bytes": 8192}
    assert (response.status, answer["seconds"], answer["grown"]) == (200, 2.0, [line])
    assert (answer["traced_bytes"], answer["tracing_bytes"], lens.asked) == (10_000, 2000, [2.0])
    assert "slower" in answer["overhead"]


@pytest.mark.parametrize("peer", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_this_machine_may_ask(peer: str) -> None:
    assert is_from_here(peer, {})


@pytest.mark.parametrize("peer", ["10.0.0.1", "192.168.1.1", "fe80::1%eth0", "::ffff:10.0.0.1", "2001:db8::1", None])
def test_others_may_not_whatever_they_say(peer: str | None) -> None:
    assert not is_from_here(peer, {})
    assert not is_from_here(peer, {"X-Forwarded-For": "127.0.0.1"})


@pytest.mark.parametrize("name", OF_OTHERS)
async def test_nor_may_who_asks_on_behalf_of_others(client: Client, lens: Lens, name: str) -> None:
    assert await refusal(client, **{name: "127.0.0.1"}) == (403, "from_elsewhere")
    assert not lens.asked


@pytest.mark.parametrize("seconds", ["0.9", "61", "nan", "x"])
async def test_it_takes_a_second_to_a_minute(client: Client, lens: Lens, seconds: str) -> None:
    assert await refusal(client, f"{PATH}?seconds={seconds}") == (422, "validation_error")
    assert not lens.asked


async def test_there_is_one_at_a_time(client: Client, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    async def under_way(_: float) -> Growths:
        raise SnapshotUnderWayError

    monkeypatch.setattr(Lens, "__call__", lambda _, seconds: under_way(seconds))
    assert await refusal(client) == (409, "snapshot_under_way")
    assert services.log.events == []  # type: ignore[attr-defined]


async def test_a_drain_does_not_wait_for_it(client: Client, services: Services, lens: Lens) -> None:
    lens.is_free.clear()
    asked = asyncio.ensure_future(refusal(client))
    await eventually(lambda: lens.asked)
    services.closing.begin()
    assert await asked == (503, "stopping")


async def test_a_profile_tells_threads_and_folded_stacks(client: Client) -> None:
    async with client.post(f"{PROFILE}?seconds=1") as response:
        answer = await response.json()
    assert (response.status, answer["kind"], answer["tasks"]) == (200, "cpu", None)
    cpu = answer["cpu"]
    main = next(each for each in cpu["threads"] if each["name"] == "MainThread")
    assert main["samples"] == cpu["looks"] > 10
    assert sum(each["samples"] for each in cpu["stacks"] if each["thread"] == "MainThread") == main["samples"]
    assert max(max(each["frames"]) for each in cpu["stacks"]) < len(cpu["names"])
    assert "share" in cpu["caveat"]


async def test_the_tasks_are_told_where_they_wait(client: Client) -> None:
    waiting = asyncio.create_task(asyncio.Event().wait(), name="claimer")
    async with client.post(f"{PROFILE}?kind=tasks") as response:
        answer = await response.json()
    waiting.cancel()
    assert (response.status, answer["kind"], answer["cpu"]) == (200, "tasks", None)
    (group,) = (each for each in answer["tasks"]["groups"] if each["actors"] == ["claimer"])
    assert (group["count"], group["frames"][-1]) == (1, "(a future)")
    assert group["frames"][0].startswith("asyncio.locks:Event.wait:")


async def test_nobody_else_may_have_a_profile(client: Client) -> None:
    assert await refusal(client, PROFILE, Via="1.1 proxy") == (403, "from_elsewhere")


@pytest.mark.parametrize("query", ["seconds=0", "seconds=301", "seconds=nan", "kind=memory", "second=3"])
async def test_a_profile_takes_five_minutes_at_most(client: Client, query: str) -> None:
    assert await refusal(client, f"{PROFILE}?{query}") == (422, "validation_error")


async def test_a_second_profile_is_refused_and_says_why(client: Client, services: Services) -> None:
    first = asyncio.ensure_future(refusal(client, f"{PROFILE}?seconds=300"))
    await eventually(is_profiled)
    async with client.post(PROFILE) as response:
        answer = await response.json()
    assert (response.status, answer["error"]) == (409, "profile_under_way")
    assert "one look at it at a time" in answer["message"]
    services.closing.begin()
    assert await first == (503, "stopping")


@pytest.mark.parametrize("path", [f"{PROFILE}?seconds=300", f"{PATH}?seconds=60"])
async def test_a_client_that_goes_away_ends_what_it_asked_for(services: Services, lens: Lens, path: str) -> None:
    tally = services.traffic
    assert isinstance(tally, Tally)
    lens.is_free.clear()
    async with served(services) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(f"POST {path} HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n".encode())
        await eventually(lambda: lens.asked or is_profiled())
        writer.close()
        await eventually(lambda: tally.seen == [("POST", path.partition("?")[0], 408)])
        await eventually(lambda: not is_profiled())


@asynccontextmanager
async def served(services: Services) -> AsyncIterator[int]:
    """As the daemon does, whose handlers are not cancelled when a client goes; a TestServer's are."""
    runner = web.AppRunner(build_app(services), access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield runner.addresses[0][1]
    finally:
        await runner.cleanup()


def is_profiled() -> bool:
    return "profile" in [thread.name for thread in threading.enumerate()]
