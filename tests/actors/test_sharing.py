"""The level that processes share, as the settings open it, and its actors killed at work."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from random import Random

import pytest
from prometheus_client import CollectorRegistry

from actors.sharing import Sharing, sharing
from config.settings import Settings
from engine.cache.level import Entry
from engine.metrics.catalogue import Catalogue
from engine.runtime import RestartPolicy, Strategy, Supervisor
from tests.actors.test_kills import killed
from tests.conftest import eventually
from tests.servers.redis import Ear, tended
from tests.servers.valkey import valkey

RESTARTS = RestartPolicy(max_restarts=20, window_s=60, backoff_first_s=0.01, backoff_cap_s=0.1, calm_s=1)
PREFIX = "cfscraper:cache:"
ONE = [Entry(key="k:1", value=b"1", ttl_s=60)]


class Opened:
    def __init__(self, shared: Sharing, root: Supervisor, ear: Ear, registry: CollectorRegistry) -> None:
        self.shared = shared
        self.root = root
        self.ear = ear
        self.registry = registry

    def shows(self, sample: str, **labels: str) -> float:
        return self.registry.get_sample_value(sample, labels) or 0.0


@asynccontextmanager
async def at_work(**told: str) -> AsyncIterator[Opened]:
    """Runs from entry to exit, and drains then."""
    settings, registry = Settings.load(told, Path("/nonexistent/.env")), CollectorRegistry()
    catalogue = Catalogue(registry=registry, version="1", name="x")
    async with sharing(settings, owner="a", catalogue=catalogue, say=lambda _: None) as shared:
        assert shared is not None
        ear = Ear()
        root = Supervisor(
            name="root",
            children=shared.children(ear),
            strategy=Strategy.ONE_FOR_ONE,
            policy=RESTARTS,
            random=Random(1),
        )
        async with asyncio.TaskGroup() as group:
            group.create_task(root.run())
            opened = Opened(shared, root, ear, registry)
            await eventually(lambda: opened.shows("redis_up") and opened.ear.heard)
            yield opened
            await root.drain()


async def test_it_is_as_the_settings_say() -> None:
    with valkey("--requirepass", "s3cr") as server:
        url = server.url.replace("//", "//:s3cr@")
        async with at_work(REDIS_URL=url, CACHE_REDIS_PREFIX="mine:", REDIS_MAX_CONNECTIONS="7") as opened:
            await opened.shared.level.put(ONE)
            assert list(await opened.shared.level.get(["k:1"])) == [b"1"]
            await opened.shared.level.drop(["k:2"])
            with server.client(password="s3cr") as client:
                assert sorted(client.keys()) == [b"mine:k:1", b"mine:k:2"]  # what was dropped leaves a mark for a while
            for operation in ("probe", "put", "get", "drop"):
                assert opened.shows("redis_operation_duration_seconds_count", operation=operation) >= 1
            assert opened.shows("redis_connection_pool_size") == opened.shows("redis_connection_pool_available") == 7
            assert opened.shows("redis_connections_created_total") == 1
            assert opened.shows("redis_pipeline_operations_total") == 2
            server.kill()
            await opened.shared.level.get(["k:1"])
            assert opened.shows("redis_connection_errors_total") >= 1
            await eventually(lambda: not opened.shows("redis_up"))
        assert opened.shows("redis_connections_closed_total") == opened.shows("redis_connections_created_total")


async def test_a_subscriber_that_is_killed_is_followed_by_one_that_knows_what_may_have_been_missed() -> None:
    with valkey() as server:
        async with at_work(REDIS_URL=server.url) as opened, tended(server.url, origin="b", prefix=PREFIX) as other:
            for number in range(3):
                before = opened.ear.heard.count("lost")
                await killed(opened.root, "subscriber")
                await eventually(lambda before=before: opened.ear.heard.count("lost") >= before + 2)  # type: ignore[misc]
                await other.level.drop([f"k:{number}"])
                await eventually(lambda number=number: (f"k:{number}",) in opened.ear.heard)  # type: ignore[misc]


async def test_a_tender_that_is_killed_is_followed_by_one_that_finds_the_server_again() -> None:
    with valkey() as server:
        async with at_work(REDIS_URL=server.url) as opened:
            server.kill()
            await opened.shared.level.get(["k:1"])
            await killed(opened.root, "tender")
            await eventually(lambda: not opened.shows("redis_up"))
            server.restart()
            await killed(opened.root, "tender")
            await eventually(lambda: opened.shows("redis_up"), within_s=15)
            await opened.shared.level.put(ONE)
            assert list(await opened.shared.level.get(["k:1"])) == [b"1"]


@pytest.mark.parametrize("told", [{}, {"REDIS_URL": "redis://127.0.0.1:1"}])
def test_nothing_of_redis_is_imported_where_none_is_named(told: dict[str, str]) -> None:
    program = """
import asyncio, os, sys
from pathlib import Path
import actors.daemon
from actors.sharing import sharing
from config.settings import Settings
from engine.metrics.catalogue import Catalogue
from prometheus_client import CollectorRegistry

async def main():
    catalogue = Catalogue(registry=CollectorRegistry(), version="1", name="x")
    settings = Settings.load(os.environ, Path("/nonexistent/.env"))
    async with sharing(settings, owner="a", catalogue=catalogue, say=print) as shared:
        print(shared is not None, "redis" in sys.modules)

asyncio.run(main())
"""
    ran = subprocess.run(
        [sys.executable, "-c", program], env=told | {"PYTHONPATH": "."}, capture_output=True, check=True
    )
    assert ran.stdout.split() == [str(bool(told)).encode()] * 2
