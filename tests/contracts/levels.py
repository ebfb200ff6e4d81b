"""Every Level there is, each opened on nothing."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from itertools import count

import pytest

from engine.cache.level import Level
from tests.servers.redis import tended
from tests.servers.valkey import cluster, valkey

_numbers = count(1)


class Servers:
    """Started when first asked for, and kept for all."""

    def __init__(self, stack: pytest.FixtureRequest) -> None:
        self._request = stack

    def urls(self, name: str) -> tuple[str, ...]:
        return tuple(self._request.getfixturevalue(name))


@asynccontextmanager
async def single(servers: Servers) -> AsyncIterator[Level]:
    async with tended(*servers.urls("valkey_url"), prefix=f"test{next(_numbers)}:", is_patient=True) as opened:
        yield opened.level


@asynccontextmanager
async def clustered(servers: Servers) -> AsyncIterator[Level]:
    async with tended(*servers.urls("cluster_urls"), prefix=f"test{next(_numbers)}:", is_patient=True) as opened:
        yield opened.level


LEVELS: dict[str, Callable[[Servers], AbstractAsyncContextManager[Level]]] = {"redis": single, "cluster": clustered}


@pytest.fixture(scope="module")
def valkey_url() -> Iterator[tuple[str]]:
    with valkey() as server:
        yield (server.url,)


@pytest.fixture(scope="module")
def cluster_urls() -> Iterator[tuple[str, ...]]:
    with cluster() as servers:
        yield servers.urls
