from collections import Counter

from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st

from perf.origin.counters import Counts


async def test_a_flaky_place_fails_as_often_as_told(client: ClientSession) -> None:
    async def statuses(key: str) -> list[int]:
        return [(await client.get(f"/flaky/{key}?fails=2")).status for _ in range(4)]

    assert await statuses("a") == [503, 503, 200, 200]
    assert await statuses("b") == [503, 503, 200, 200]


async def test_a_place_knows_how_often_it_was_asked(client: ClientSession) -> None:
    async def told(target: str) -> int:
        async with client.get(target) as response:
            return int((await response.json())["count"])

    asked = [
        await told(target) for target in ("/count/a", "/count/b", "/count/a", "/count/a?peek=1", "/count/c?peek=1")
    ]
    assert asked == [1, 1, 2, 2, 0]


@given(keys=st.lists(st.sampled_from("abcdefgh")), keep=st.integers(1, 8))
def test_counts_are_kept_for_the_keys_asked_for_last(keys: list[str], keep: int) -> None:
    counts = Counts(keep=keep)
    for key in keys:
        counts.add(key)
    recent = list(dict.fromkeys(reversed(keys)))
    assert [key for key in "abcdefgh" if counts.of(key)] == sorted(recent[:keep])
    if len(recent) <= keep:
        assert {key: counts.of(key) for key in recent} == Counter(keys)
