"""Health: for people, for probes, for Prometheus."""

import pytest

from engine.api import Services
from tests.engine.api.conftest import Client
from tests.engine.api.services import Condition

WELL = {
    "/": (200, {"message": "CFScraper API 2.0"}),
    "/health": (
        200,
        {"status": "healthy", "version": "2.0", "service": "CFScraper API", "timestamp": "2023-11-14T22:13:20Z"},
    ),
    "/api/v1/health": (
        200,
        {"status": "healthy", "version": "2.0", "timestamp": "2023-11-14T22:13:20Z", "uptime": 60.0},
    ),
    "/api/v1/health/live": (200, {"status": "alive"}),
    "/api/v1/health/ready": (200, {"status": "ready", "reason": None}),
}
ILL = {
    "/health": (503, {"status": "unhealthy", "error": "it is stopping", "service": "CFScraper API"}),
    "/api/v1/health/": (
        503,
        {"status": "unhealthy", "version": "2.0", "timestamp": "2023-11-14T22:13:20Z", "uptime": 60.0},
    ),
    "/api/v1/health/live": (503, {"status": "dead"}),
    "/api/v1/health/ready": (503, {"status": "not ready", "reason": "it is stopping"}),
}


@pytest.mark.parametrize("path", WELL)
async def test_what_is_well_says_so(client: Client, path: str) -> None:
    async with client.get(path) as response:
        assert (response.status, await response.json()) == WELL[path]


@pytest.mark.parametrize("path", ILL)
async def test_what_is_not_well_is_503_and_says_why(client: Client, services: Services, path: str) -> None:
    assert isinstance(services.health, Condition)
    services.health.illness, services.health.is_dead = "it is stopping", True
    async with client.get(path) as response:
        assert (response.status, await response.json()) == ILL[path]


async def test_metrics_are_rendered_for_who_asks(client: Client) -> None:
    async with client.get("/metrics", headers={"Accept": "application/openmetrics-text"}) as response:
        assert response.headers["Content-Type"] == "text/plain; version=0.0.4"
        assert await response.text() == "# application/openmetrics-text\n"
