"""Near and far: another process, a far level that hangs, one that holds what is no page, one that does not pay."""

import asyncio

import pytest

from engine.cache.level import Entry
from engine.cache.pages.cached_fetch import Finding
from engine.cache.pages.luck import _SAMPLE, MOST, PAID_A_HIT
from engine.cache.pages.shelf import MOST_FRESH_S
from engine.cache.pages.wish import key_of
from engine.jobs.outcome import ErrorType
from tests.engine.cache.pages.level import DictLevel
from tests.engine.cache.pages.scene import Scene


async def test_another_process_finds_far_what_this_one_kept_and_has_it_near_then(scene: Scene) -> None:
    scene.says_always(Cache_Control="max-age=100")
    await scene.page()
    near = DictLevel(scene.hand.now)
    other = scene.beside(near)
    scene.hand.turn(40)
    with scene.unasked():
        assert (await scene.page(by=other)).from_cache
        looks = scene.far.looks
        again = await scene.page(by=other)
    assert (dict(again.headers)["Age"], scene.far.looks) == ("40", looks)


async def test_a_process_that_shares_nothing_keeps_and_answers_as_well(scene: Scene) -> None:
    alone = scene.alone()
    assert (await scene.failure(by=alone, cache="only")).error_type is ErrorType.NOT_CACHED
    scene.says_always(Cache_Control="max-age=100")
    with scene.asks():
        first = await scene.page(by=alone)
        assert (await scene.page(by=alone)).body == (await scene.page(by=alone, cache="only")).body == first.body
    scene.hand.turn(101)
    with scene.asks():
        assert not (await scene.page(by=alone)).from_cache
    assert scene.findings == [Finding.MISS, Finding.MISS, Finding.HIT, Finding.HIT, Finding.MISS]
    assert not scene.far.looks


async def test_a_page_is_kept_as_long_as_it_is_fresh_and_an_hour_longer_to_be_validated(scene: Scene) -> None:
    scene.says_always(Cache_Control="max-age=100, public", Age="40")
    await scene.page("/short")
    scene.says_always(Cache_Control="max-age=99999999")
    await scene.page("/long")
    for path, fresh_s in (("/short", 60.0), ("/long", MOST_FRESH_S)):
        for level in (scene.near, scene.far):
            _, until = level.kept[key_of("GET", scene.site + path)]
            assert until == scene.hand.now() + fresh_s + 3600


async def test_a_far_level_that_hangs_costs_a_moment_and_no_page(scene: Scene) -> None:
    scene.says_always(Cache_Control="max-age=100")
    scene.far.hangs = True
    async with asyncio.timeout(4):
        assert (await scene.page()).status_code == 200
        assert (await scene.page()).from_cache
        assert (await scene.failure("/new", cache="only")).error_type is ErrorType.NOT_CACHED
        await scene.page(method="DELETE")
    assert not scene.near.kept


@pytest.mark.parametrize(
    "value", [b"", b"\n", b"[]\n", b"{}\nbody", b"[1,2,3,4,5,6,7,8,9]\n", b"\xff\xfe", b'[200,"u"]\n']
)
async def test_what_cannot_be_read_is_not_there(scene: Scene, value: bytes) -> None:
    scene.says_always(Cache_Control="max-age=100")
    for level in (scene.near, scene.far):
        await level.put([Entry(key=key_of("GET", f"{scene.site}/"), value=value, ttl_s=100.0)])
        with scene.asks():
            assert not (await scene.page()).from_cache
        with scene.unasked():
            assert (await scene.page()).from_cache
        scene.near.kept.clear()


async def test_far_is_gone_to_as_long_as_it_pays_and_for_a_sample_after_that(scene: Scene) -> None:
    scene.says_always(Cache_Control="max-age=100")
    site = f"{scene.site}/page/"

    async def looks(first: int, pages: int) -> int:
        before = scene.far.looks
        for number in range(first, first + pages):
            assert await scene.fetch._shelf.find(key_of("GET", f"{site}{number}"), now=scene.hand.now()) is None
        return scene.far.looks - before

    assert await looks(0, MOST) == MOST
    tried = await looks(MOST, 6400)
    assert 50 < tried < 150
    sampled = [number for number in range(2000) if key_of("GET", f"{site}{number}")[-2:] in _SAMPLE][:3]
    for number in {*sampled, *range(50)}:
        await scene.page(f"/page/{number}")
    assert {*sampled} <= {number for number in range(2000) if key_of("GET", f"{site}{number}") in scene.far.kept}
    assert len(scene.far.kept) < len(sampled) + 10
    scene.near.kept.clear()
    with scene.unasked():
        assert (await scene.page(f"/page/{sampled[0]}")).from_cache
    assert await looks(10_000, PAID_A_HIT) == PAID_A_HIT
    assert await looks(20_000, 640) < 64


async def test_who_insists_has_far_looked_at_in_any_case(scene: Scene) -> None:
    scene.says_always(Cache_Control="max-age=100")
    await scene.page()
    scene.near.kept.clear()
    for number in range(MOST):
        await scene.fetch._shelf.find(key_of("GET", str(number)), now=scene.hand.now())
    with scene.unasked():
        assert (await scene.page(cache="only")).from_cache
