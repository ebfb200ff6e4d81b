"""What only this machine itself may ask for."""

import asyncio

import pytest

from engine.api import Services
from engine.api.admin import OF_OTHERS, is_from_here
from engine.errors import SnapshotUnderWayError
from engine.memory.snapshot import Growths
from tests.conftest import eventually
from tests.engine.api.conftest import Client
from tests.engine.api.services import Lens

PATH = "/api/v1/admin/memory/snapshot"


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
