"""One PostgreSQL for all tests, started when the first one asks; each test has databases of its own.

TEST_DATABASE_URL names a server to use instead: of a user who may create databases.
"""

import asyncio
import atexit
import os
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, asynccontextmanager
from functools import lru_cache
from itertools import count
from urllib.parse import urlsplit, urlunsplit

import asyncpg

from perf.servers.postgres import a_postgres

_numbers = count(1)


@lru_cache(maxsize=1)
def shared_postgres() -> str:
    """The URL of its administrative database."""
    if told := os.environ.get("TEST_DATABASE_URL"):
        return told
    kept = ExitStack()
    atexit.register(kept.close)
    return kept.enter_context(a_postgres(durable=False)).url


@asynccontextmanager
async def fresh_database(*, template: str = "template0") -> AsyncIterator[str]:
    """The URL of a database as the template is; dropped in the end, whoever is still connected."""
    name = f"cfscraper_test_{os.getpid()}_{next(_numbers)}"
    url = shared_postgres()
    await _administer(url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    try:
        yield url_of(name)
    finally:
        await _administer(url, f'DROP DATABASE "{name}" WITH (FORCE)')


def url_of(database: str) -> str:
    """Of another database on the shared server."""
    return urlunsplit(urlsplit(shared_postgres())._replace(path=f"/{database}"))


def new_database(fill: Callable[[str], None]) -> str:
    """The name of one that stays as long as the server, filled by who is given its URL in a thread without a loop."""
    name = f"cfscraper_test_{os.getpid()}_{next(_numbers)}"
    with ThreadPoolExecutor(1) as thread:
        create = _administer(shared_postgres(), f'CREATE DATABASE "{name}" TEMPLATE template0')
        thread.submit(asyncio.run, create).result()
        thread.submit(fill, url_of(name)).result()
    return name


async def _administer(url: str, statement: str) -> None:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        await connection.execute(statement, timeout=20)
    finally:
        await connection.close(timeout=5)
