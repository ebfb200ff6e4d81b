"""What one process drops, the other hears; and knows it when it may have missed something."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager

import pytest

from actors.subscriber import Subscriber
from engine.cache.redis import News
from engine.cache.redis.level import KEYS_AT_ONCE
from tests.conftest import eventually
from tests.servers.redis import Count, Ear, shared, tended
from tests.servers.valkey import Cluster, Valkey, cluster

LOST_WITHIN_S = 1.0
SLACK_S = 1.0
"""What a busy machine may add."""


@asynccontextmanager
async def listening(news: News, ear: Ear) -> AsyncIterator[None]:
    """From the first time it hears on."""
    subscriber = asyncio.ensure_future(Subscriber(news=news, hearer=ear).run())
    try:
        await eventually(lambda: ear.heard)
        yield
    finally:
        subscriber.cancel()
        await asyncio.wait([subscriber])
    assert subscriber.cancelled()


async def test_others_hear_what_was_dropped_after_it_is_gone_and_nobody_hears_himself(server: Valkey) -> None:
    mine, theirs = Ear(), Ear()
    async with (
        tended(server.url) as one,
        tended(server.url, origin="b") as other,
        listening(one.news, mine),
        listening(other.news, theirs),
    ):
        await one.level.drop(["k:1", "k:ä\n"])
        await other.level.drop(["k:2"])
        await eventually(lambda: len(theirs.heard) > 1 and len(mine.heard) > 1)
        assert theirs.heard == ["lost", ("k:1", "k:ä\n")]
        assert mine.heard == ["lost", ("k:2",)]


async def test_many_keys_come_in_pieces_and_in_order(server: Valkey) -> None:
    ear = Ear()
    keys = [f"k:{n}" for n in range(2 * KEYS_AT_ONCE + 1)]
    async with tended(server.url) as one, listening(shared(server.url, origin="b").news, ear):
        await one.level.drop(keys)
        await eventually(lambda: [key for piece in ear.heard[1:] for key in piece] == keys)
        assert max(map(len, ear.heard)) <= KEYS_AT_ONCE


async def test_what_is_not_understood_may_have_been_anything(server: Valkey) -> None:
    ear = Ear()
    async with listening(shared(server.url).news, ear):
        with server.client() as client:
            assert client.publish("test:dropped", b"{}") == 1
        await eventually(lambda: ear.heard == ["lost", "lost"])


async def test_a_channel_that_is_silent_is_not_taken_for_lost(server: Valkey) -> None:
    ear = Ear()
    async with listening(shared(server.url).news, ear):
        with server.client() as client:
            await eventually(lambda: client.info("commandstats").get("cmdstat_ping", {}).get("calls", 0) > 4)
        assert ear.heard == ["lost"]


@pytest.mark.parametrize("ends", [Valkey.kill, Valkey.hang])
async def test_a_loss_is_told_within_a_second_and_again_and_again_until_it_hears(
    server: Valkey, ends: Callable[[Valkey], None]
) -> None:
    watch, ear = Count(), Ear()
    loop = asyncio.get_running_loop()
    async with listening(shared(server.url, watch=watch).news, ear):
        ends(server)
        for number in range(2, 5):
            asked_at = loop.time()
            await eventually(lambda number=number: len(ear.heard) >= number)  # type: ignore[misc]
            assert loop.time() - asked_at < LOST_WITHIN_S + SLACK_S
        assert len(watch.said) == 1
        server.restart() if ends is Valkey.kill else server.wake()
        async with tended(server.url, origin="b") as other:
            await until_heard(other.level.drop, ear)
        assert ear.heard.index(("k:1",)) > 3
        assert ear.heard[ear.heard.index(("k:1",)) - 1] == "lost"


async def until_heard(drop: Callable[[Sequence[str]], object], ear: Ear) -> None:
    async with asyncio.timeout(10):
        while ("k:1",) not in ear.heard:
            await drop(["k:1"])  # type: ignore[misc]
            await asyncio.sleep(0.01)


async def test_who_is_told_to_end_tells_that_it_hears_no_more(server: Valkey) -> None:
    ear = Ear()
    async with listening(shared(server.url).news, ear):
        pass
    assert ear.heard == ["lost", "lost"]
    with server.client() as client:
        await eventually(lambda: client.pubsub_numsub("test:dropped") == [(b"test:dropped", 0)])


def test_in_a_cluster_it_does_not_matter_whom_one_listens_to() -> None:
    with cluster() as servers, asyncio.Runner() as runner:
        runner.run(_all_hear(servers))


async def _all_hear(servers: Cluster) -> None:
    ears = [Ear() for _ in range(6)]
    async with tended(*servers.urls) as one:
        places = [shared(url, origin="b").news for url in servers.urls]
        async with listening(places[0], ears[0]), listening(places[1], ears[1]), listening(places[5], ears[5]):
            await one.level.drop(["k:1", "k:2"])
            await eventually(lambda: all(ears[n].heard == ["lost", ("k:1", "k:2")] for n in (0, 1, 5)))
