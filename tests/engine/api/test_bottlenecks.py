"""What an analysis found, told by whoever stands at the machine."""

from typing import Any

import pytest

from engine.api import Services
from engine.jobs.bottleneck import Bottleneck
from tests.engine.api.conftest import Client
from tests.engine.api.services import Findings

PATH = "/api/v1/admin/bottlenecks"


@pytest.fixture
def findings(services: Services) -> Findings:
    assert isinstance(services.bottlenecks, Findings)
    return services.bottlenecks


async def told(client: Client, body: Any, **headers: str) -> tuple[int, Any]:
    async with client.post(PATH, json=body, headers=headers) as response:
        return response.status, await response.json()


async def test_what_was_found_is_counted_each_once(client: Client, findings: Findings) -> None:
    answer = await told(client, {"types": ["slow_disk", "pool", "slow_disk"]})
    assert answer == (200, {"counted": ["pool", "slow_disk"]})
    assert findings.told == [[Bottleneck.POOL, Bottleneck.SLOW_DISK]]


@pytest.mark.parametrize("types", [[], ["pools"], ["pool"] * 100, "pool", [1]])
async def test_nothing_else_becomes_a_label(client: Client, findings: Findings, types: object) -> None:
    assert (await told(client, {"types": types}))[0] == 422
    assert not findings.told


async def test_who_asks_on_behalf_of_others_is_refused(client: Client, findings: Findings) -> None:
    status, answer = await told(client, {"types": ["pool"]}, **{"X-Forwarded-For": "127.0.0.1"})
    assert (status, answer["error"]) == (403, "from_elsewhere")
    assert not findings.told
