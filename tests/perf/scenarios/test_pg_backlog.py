from urllib.parse import urlsplit

import asyncpg
import pytest

from engine.storage.postgres.check import found_in
from perf.scenarios.pg_backlog import passing_database
from tests.servers.postgres import shared_postgres


async def test_a_passing_database_has_the_schema_and_goes_though_somebody_is_connected() -> None:
    async with passing_database(shared_postgres(), "passing") as url:
        assert urlsplit(url).path == "/passing"
        assert await found_in(url) == []
        connected = await asyncpg.connect(url, timeout=5)
    connected.terminate()
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await asyncpg.connect(url, timeout=5)
