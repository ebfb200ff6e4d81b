"""One server, that is killed, hangs, refuses and comes back."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from random import Random
from time import monotonic
from typing import TypeVar

import pytest

from engine.cache.level import Entry
from engine.cache.redis import MOST_BYTES, RedisLevel
from engine.cache.redis.frames import ZSTD
from engine.cache.redis.level import KEYS_AT_ONCE, READ_WITHIN_S, WRITE_WITHIN_S
from tests.conftest import eventually
from tests.servers.detour import detour
from tests.servers.redis import Count, shared, tended
from tests.servers.valkey import Valkey, valkey

T = TypeVar("T")

SLACK_S = 1.0
"""What a busy machine may add to a bound."""


def entry(key: str, value: bytes = b"1", ttl_s: float = 60) -> Entry:
    return Entry(key=key, value=value, ttl_s=ttl_s)


async def is_there(level: RedisLevel, key: str) -> bool:
    return (await level.get([key]))[0] is not None


async def within(seconds: float, act: Awaitable[T]) -> T:
    """The bound is held to, give or take what a busy machine adds."""
    async with asyncio.timeout(seconds + SLACK_S):
        return await act


async def test_a_server_that_is_killed_amid_reads_is_a_miss_and_costs_no_more_than_its_bound(server: Valkey) -> None:
    watch, dead = Count(), asyncio.Event()
    async with tended(server.url, watch=watch) as opened:
        await opened.level.put([entry("k:1")])

        async def reader() -> Sequence[bool]:
            seen = []
            while not (dead.is_set() and not opened.level.is_up):
                seen.append((await within(READ_WITHIN_S, opened.level.get(["k:1"])))[0] is not None)
                await asyncio.sleep(0)
            return seen

        readers = asyncio.gather(*(reader() for _ in range(30)))
        await eventually(lambda: len(watch.operations) > 300)
        server.kill()
        dead.set()
        seen = await readers
        assert any(map(any, seen))
        assert len(watch.said) == 1
        asked = len([each for each in watch.operations if each != "probe"])
        assert not await is_there(opened.level, "k:1")
        assert len([each for each in watch.operations if each != "probe"]) == asked
        server.restart()
        await eventually(lambda: opened.level.is_up, within_s=15)
        await opened.level.put([entry("k:1")])
        assert await is_there(opened.level, "k:1")
        assert watch.standing == {"up": True, "size": 10, "available": 10}


async def test_a_server_that_hangs_costs_one_bound_and_then_nothing(server: Valkey) -> None:
    async with tended(server.url) as opened:
        await opened.level.put([entry("k:1")])
        server.hang()
        assert not any(await within(READ_WITHIN_S, asyncio.gather(*(is_there(opened.level, "k:1") for _ in range(50)))))
        assert not opened.level.is_up
        server.wake()
        await eventually(lambda: opened.level.is_up, within_s=15)
        assert await is_there(opened.level, "k:1")


async def test_one_who_waited_in_vain_is_enough_and_all_who_asked_with_him_go_on(server: Valkey) -> None:
    watch = Count()
    async with tended(server.url, watch=watch, write_within_s=60.0) as opened:
        server.hang()
        readers = [is_there(opened.level, "k:1") for _ in range(20)]
        await within(READ_WITHIN_S, asyncio.gather(opened.level.put([entry("k:1")]), *readers))
        assert not opened.level.is_up
        server.wake()
        await eventually(lambda: opened.level.is_up and watch.standing["available"] == 10, within_s=15)


@pytest.mark.parametrize("turns", range(3, 30, 3))
async def test_a_loop_that_stood_still_takes_no_server_that_answers_for_one_that_is_away(
    server: Valkey, turns: int
) -> None:
    watch = Count()
    async with tended(server.url, watch=watch, read_within_s=0.5) as opened:
        await opened.level.put([entry("k:1")])
        readers = [asyncio.ensure_future(is_there(opened.level, "k:1")) for _ in range(5)]
        for _ in range(turns):
            await asyncio.sleep(0)
        answers_all_the_time(server, seconds=0.6)
        assert all(await asyncio.gather(*readers))
        assert opened.level.is_up
        assert watch.failed_ == 0


async def test_one_that_is_back_stays_up_however_often_the_loop_stands_still(server: Valkey) -> None:
    watch = Count()
    async with tended(server.url, watch=watch, read_within_s=0.5) as opened:
        server.kill()
        assert not await is_there(opened.level, "k:1")
        server.restart()
        await eventually(lambda: opened.level.is_up, within_s=15)
        await opened.level.put([entry("k:1")])
        before = watch.failed_
        for _ in range(3):
            readers = [asyncio.ensure_future(is_there(opened.level, "k:1")) for _ in range(20)]
            await asyncio.sleep(0)
            answers_all_the_time(server, seconds=0.6)
            assert all(await asyncio.gather(*readers))
        assert opened.level.is_up
        assert watch.failed_ == before


async def test_connections_from_before_a_failure_are_used_by_nobody_after_it(server: Valkey) -> None:
    watch = Count()
    async with detour(server.port) as way, tended(way.url, watch=watch, read_within_s=0.5) as opened:
        await opened.level.put([entry("k:1")])
        assert all(await asyncio.gather(*(is_there(opened.level, "k:1") for _ in range(10))))
        assert watch.connected_ > 1
        way.lose()
        assert not await is_there(opened.level, "k:1")
        assert not opened.level.is_up
        await eventually(lambda: opened.level.is_up, within_s=15)
        before = watch.failed_
        assert all(await asyncio.gather(*(is_there(opened.level, "k:1") for _ in range(10))))
        assert watch.failed_ == before


def answers_all_the_time(server: Valkey, *, seconds: float) -> None:
    """While the loop stands still."""
    ends_at = monotonic() + seconds
    with server.client() as client:
        while monotonic() < ends_at:
            assert client.ping()


@pytest.mark.parametrize("act", ["put", "drop"])
async def test_a_hanging_server_holds_up_writers_no_longer_than_their_bound(server: Valkey, act: str) -> None:
    acts: dict[str, Callable[[RedisLevel], Awaitable[None]]] = {
        "put": lambda level: level.put([entry("k:1")]),
        "drop": lambda level: level.drop(["k:1"]),
    }
    async with tended(server.url) as opened:
        server.hang()
        await within(WRITE_WITHIN_S, acts[act](opened.level))
        assert not opened.level.is_up
        server.wake()


async def test_a_server_that_was_never_there_is_a_miss_and_is_found_when_it_comes(server: Valkey) -> None:
    server.kill()
    watch = Count()
    opened = shared(server.url, watch=watch)
    assert list(await opened.level.get(["k:1"])) == [None]
    assert not watch.operations
    await opened.level.tend()
    assert not opened.level.is_up
    assert watch.failed_ == 1
    assert watch.standing["up"] is False
    server.restart()

    async def tends_until_up() -> None:
        while not opened.level.is_up:
            await opened.level.tend()
            await asyncio.sleep(0.01)

    await within(10, tends_until_up())
    await opened.level.close()


async def test_what_was_dropped_while_the_server_was_out_of_order_is_not_seen_again(server: Valkey) -> None:
    async with tended(server.url) as opened, tended(server.url, origin="b") as other:
        await opened.level.put([entry("k:1"), entry("k:2")])
        server.hang()
        await opened.level.drop(["k:1"])
        server.wake()
        await eventually(lambda: opened.level.is_up, within_s=15)
        assert list(await opened.level.get(["k:1", "k:2"])) == [None, b"1"]
        await eventually(lambda: other.level.is_up, within_s=15)
        assert list(await other.level.get(["k:1", "k:2"])) == [None, b"1"]
        await opened.level.put([entry("k:1", b"new")])
        assert list(await opened.level.get(["k:1"])) == [b"new"]


async def test_a_time_is_shortened_by_a_little_and_never_longer(server: Valkey) -> None:
    async with tended(server.url, is_patient=True) as opened:
        await opened.level.put([entry(f"k:{n}", ttl_s=1000) for n in range(200)])
        with server.client() as client:
            left = [client.pttl(f"test:k:{n}") for n in range(200)]
        assert all(890_000 < each <= 1_000_000 for each in left)
        assert len(set(left)) > 100


async def test_what_cannot_be_read_is_a_miss_and_is_counted(server: Valkey) -> None:
    watch = Count()
    async with tended(server.url, watch=watch, is_patient=True) as opened:
        with server.client() as client:
            client.set("test:k:1", b"somebody else's")
            client.set("test:k:2", ZSTD + b"damaged")
            client.lpush("test:k:3", b"no string")
        await opened.level.put([entry("k:4")])
        assert list(await opened.level.get(["k:1", "k:2", "k:3", "k:4"])) == [None, None, None, b"1"]
        assert watch.unreadable_ == 2
        assert opened.level.is_up


async def test_long_values_are_compressed_if_so_told_and_too_long_ones_left_out(server: Valkey) -> None:
    page = b"a line of a page\n" * 1000
    async with (
        tended(server.url, is_patient=True) as opened,
        tended(server.url, over=None, prefix="raw:", is_patient=True) as raw,
    ):
        for level in (opened.level, raw.level):
            await level.put([entry("k:1", page), entry("k:2", Random(1).randbytes(MOST_BYTES + 1))])
            assert list(await level.get(["k:1", "k:2"])) == [page, None]
            assert level.is_up
        with server.client() as client:
            assert client.strlen("test:k:1") < len(page) / 10
            assert client.strlen("raw:k:1") == len(page) + 1


async def test_a_server_that_refuses_is_still_asked_and_said_to_refuse_once() -> None:
    watch = Count()
    with valkey("--maxmemory", "1mb", "--maxmemory-policy", "noeviction") as full:
        async with tended(full.url, watch=watch, over=None, is_patient=True) as opened:
            for _ in range(5):
                await opened.level.put([entry(f"k:{n}", bytes(100_000)) for n in range(20)])
            assert opened.level.is_up
            assert len(watch.said) == 1
            assert "maxmemory" in watch.said[0]


async def test_a_user_and_a_password_in_the_url_are_used_and_wrong_ones_are_told_without_them() -> None:
    with valkey("--requirepass", "s3cr:et/") as guarded:
        with guarded.client(password="s3cr:et/") as client:
            client.execute_command("ACL", "SETUSER", "me", "on", ">p@ss", "~*", "&*", "+@all")
        for who in (":s3cr%3Aet%2F", "me:p%40ss"):
            async with tended(guarded.url.replace("//", f"//{who}@"), is_patient=True) as opened:
                await opened.level.put([entry("k:1")])
                assert await is_there(opened.level, "k:1")
        watch = Count()
        stranger = shared(guarded.url.replace("//", "//me:wr0ng@"), watch=watch)
        await stranger.level.tend()
        assert not stranger.level.is_up
        assert watch.said
        assert "wr0ng" not in watch.said[0]
        await stranger.level.close()


async def test_who_finds_all_connections_taken_waits_for_one_and_there_are_never_more(server: Valkey) -> None:
    watch = Count()
    async with tended(server.url, watch=watch, max_connections=2, is_patient=True) as opened:
        await opened.level.put([entry("k:1")])
        assert all(await asyncio.gather(*(is_there(opened.level, "k:1") for _ in range(100))))
        assert watch.connected_ <= 2
        assert watch.failed_ == 0
    assert watch.disconnected_ == watch.connected_ > 0


async def test_who_waits_in_vain_for_others_of_this_process_blames_no_server(server: Valkey) -> None:
    watch = Count()
    async with tended(server.url, watch=watch, max_connections=1) as opened:
        await opened.level.put([entry("k:1")])
        async with opened.level._gate:
            assert not await within(READ_WITHIN_S, is_there(opened.level, "k:1"))
        assert opened.level.is_up
        assert watch.failed_ == 0
        assert await is_there(opened.level, "k:1")


async def test_a_reader_who_is_cancelled_leaves_nothing_that_another_could_read(server: Valkey) -> None:
    async with tended(server.url, max_connections=3, is_patient=True) as opened:
        await opened.level.put([entry(f"k:{n}", str(n).encode()) for n in range(200)])
        for number in range(200):
            others = [asyncio.ensure_future(opened.level.get([f"k:{n}"])) for n in range(6)]
            for _ in range(number % 7):
                await asyncio.sleep(0)
            for other in others[::2]:
                other.cancel()
            assert list(await opened.level.get([f"k:{number}"])) == [str(number).encode()]
            for place, other in enumerate(others):
                if not other.cancelled() and place % 2:
                    assert list(await other) == [str(place).encode()]
            await asyncio.gather(*others, return_exceptions=True)
        assert opened.level.is_up


async def test_several_commands_go_in_one_pipeline_and_it_is_counted(server: Valkey) -> None:
    watch = Count()
    async with tended(server.url, watch=watch, is_patient=True) as opened:
        with server.client() as client:
            before = client.info("stats")["total_reads_processed"]
            await opened.level.put([entry(f"k:{n}") for n in range(500)])
            await opened.level.get([f"k:{n}" for n in range(500)])
            assert client.info("stats")["total_reads_processed"] - before < 20
        assert watch.piped_ == 1
        await opened.level.drop([f"k:{n}" for n in range(KEYS_AT_ONCE + 1)])
        assert watch.piped_ == 3
        assert {"put", "get", "drop", "probe"} == set(watch.operations)
