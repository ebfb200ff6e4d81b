"""What every Level keeps to."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from engine.cache.level import Entry, Level
from tests.contracts.levels import LEVELS, Servers, cluster_urls, valkey_url

__all__ = ["cluster_urls", "valkey_url"]

VALUES = [b"", b"x", b"\x00\x01", b"\x28\xb5\x2f\xfd", b"page " * 2000, bytes(range(256)) * 400]


@pytest.fixture(params=LEVELS)
async def level(request: pytest.FixtureRequest) -> AsyncIterator[Level]:
    async with LEVELS[request.param](Servers(request)) as opened:
        yield opened


def entries(*values: bytes, ttl_s: float = 60) -> list[Entry]:
    return [Entry(key=f"kind:{n}", value=value, ttl_s=ttl_s) for n, value in enumerate(values)]


async def test_what_was_put_is_got_and_nothing_else_is(level: Level) -> None:
    await level.put(entries(*VALUES))
    names = [f"kind:{n}" for n in range(len(VALUES))]
    assert list(await level.get(["kind:none", *names, "kind:"])) == [None, *VALUES, None]
    assert list(await level.get(names[::-1])) == VALUES[::-1]


async def test_a_key_may_be_asked_for_twice_and_be_of_any_text(level: Level) -> None:
    name = "page:https://a.test/ä?b=1 {c}\n2"
    await level.put([Entry(key=name, value=b"1", ttl_s=60)])
    assert list(await level.get([name, name])) == [b"1", b"1"]


async def test_the_last_put_holds(level: Level) -> None:
    await level.put(entries(b"1"))
    await level.put(entries(b"2"))
    await level.put([*entries(b"3"), *entries(b"4")])
    assert list(await level.get(["kind:0"])) == [b"4"]


async def test_what_was_dropped_is_gone_and_the_rest_is_not(level: Level) -> None:
    await level.put(entries(b"1", b"2", b"3"))
    await level.drop(["kind:0", "kind:2", "kind:none"])
    assert list(await level.get(["kind:0", "kind:1", "kind:2"])) == [None, b"2", None]
    await level.put(entries(b"4"))
    assert list(await level.get(["kind:0"])) == [b"4"]


async def test_nothing_asked_is_nothing_got(level: Level) -> None:
    assert list(await level.get([])) == []
    await level.put([])
    await level.drop([])


async def test_an_entry_has_its_time_and_no_more(level: Level) -> None:
    await level.put([*entries(b"1", ttl_s=0.05), Entry(key="kind:long", value=b"2", ttl_s=60)])
    async with asyncio.timeout(5):
        while (await level.get(["kind:0"]))[0] is not None:  # noqa: ASYNC110 - what ends in silence sets no event
            await asyncio.sleep(0.005)
    assert list(await level.get(["kind:long"])) == [b"2"]


@pytest.mark.parametrize("ttl_s", [0.0, -1.0, 0.0005])
async def test_what_has_no_time_is_not_kept(level: Level, ttl_s: float) -> None:
    await level.put(entries(b"1", ttl_s=ttl_s))
    assert list(await level.get(["kind:0"])) == [None]


async def test_many_may_ask_at_once(level: Level) -> None:
    values = [str(n).encode() for n in range(60)]
    await level.put(entries(*values))
    asked = [[f"kind:{n}" for n in range(first, first + 20)] for first in range(40)]
    found = await asyncio.gather(*map(level.get, asked))
    assert [list(each) for each in found] == [values[first : first + 20] for first in range(40)]


async def test_closed_it_is_empty_and_may_be_closed_again(level: Level) -> None:
    await level.put(entries(b"1"))
    await level.close()
    await level.close()
    assert list(await level.get(["kind:0"])) == [None]
    await level.put(entries(b"1"))
    await level.drop(["kind:0"])
