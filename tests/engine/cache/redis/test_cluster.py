"""A cluster that loses a master."""

import asyncio
from collections.abc import Iterator

import pytest

from actors.subscriber import Subscriber
from engine.cache.level import Entry
from engine.cache.redis import RedisLevel
from engine.cache.redis.level import READ_WITHIN_S, WRITE_WITHIN_S
from tests.conftest import eventually
from tests.servers.redis import Ear, shared, tended
from tests.servers.valkey import Cluster, Valkey, cluster

SLACK_S = 2.0


@pytest.fixture
def servers() -> Iterator[Cluster]:
    with cluster() as running:
        yield running


async def serves(level: RedisLevel, value: bytes, kind: str = "k") -> bool:
    """Keys of every master."""
    keys = [f"{kind}:{n}" for n in range(60)]
    async with asyncio.timeout(READ_WITHIN_S + WRITE_WITHIN_S + SLACK_S):
        await level.put([Entry(key=key, value=value, ttl_s=60) for key in keys])
        return list(await level.get(keys)) == [value] * len(keys)


class Load:
    """Puts and gets until it is told to stop."""

    def __init__(self, level: RedisLevel, kind: str) -> None:
        self._level = level
        self._kind = kind
        self.served = 0
        self.missed = 0
        self.is_over = False

    async def run(self) -> None:
        while not self.is_over:
            if await serves(self._level, b"%d" % (self.served + self.missed), self._kind):
                self.served += 1
            else:
                self.missed += 1
            await asyncio.sleep(0)


async def test_a_master_that_dies_under_load_is_misses_until_its_replica_has_taken_over(servers: Cluster) -> None:
    async with tended(*servers.urls) as opened, asyncio.TaskGroup() as group:
        loads = [Load(opened.level, kind) for kind in "abcd"]
        for load in loads:
            group.create_task(load.run())
        await eventually(lambda: all(load.served > 10 for load in loads))
        servers.masters[0].kill()
        await eventually(lambda: not opened.level.is_up)
        await eventually(lambda: opened.level.is_up, within_s=20)
        before = [load.served for load in loads]
        await eventually(lambda: all(load.served > known + 10 for load, known in zip(loads, before, strict=True)))
        assert all(load.missed for load in loads)
        for load in loads:
            load.is_over = True


async def test_a_master_that_hangs_is_taken_over_too(servers: Cluster) -> None:
    async with tended(*servers.urls) as opened:
        assert await serves(opened.level, b"before")
        servers.masters[1].hang()
        assert not await serves(opened.level, b"hangs")
        await eventually(lambda: opened.level.is_up, within_s=25)
        assert await serves(opened.level, b"after")
        servers.masters[1].wake()


async def test_some_of_the_nodes_are_enough_to_find_all(servers: Cluster) -> None:
    servers.masters[2].kill()
    named = (servers.masters[2].url, servers.replicas[0].url)
    opened = shared(*named)

    async def tends_until_up() -> None:
        while not opened.level.is_up:
            await opened.level.tend()
            await asyncio.sleep(0.05)

    await asyncio.wait_for(tends_until_up(), 20)
    assert await serves(opened.level, b"1")
    await opened.level.close()
    await opened.level.close()


async def test_who_listened_to_a_node_that_died_listens_to_another(servers: Cluster) -> None:
    ear = Ear()
    async with tended(*servers.urls) as one, tended(*servers.urls, origin="b") as other:
        subscriber = asyncio.ensure_future(Subscriber(news=other.news, hearer=ear).run())
        await eventually(lambda: ear.heard == ["lost"])
        listened_to(servers).kill()
        await eventually(lambda: len(ear.heard) > 2)

        async def drops_until_heard() -> None:
            while ("k:1",) not in ear.heard:
                await one.level.drop(["k:1"])
                await asyncio.sleep(0.01)

        await asyncio.wait_for(drops_until_heard(), 20)
        subscriber.cancel()
        await asyncio.wait([subscriber])


def listened_to(servers: Cluster) -> Valkey:
    for node in (*servers.masters, *servers.replicas):
        with node.client() as client:
            if client.pubsub_numsub("test:dropped")[0][1]:
                return node
    raise AssertionError("nobody listens")
