"""Near and far: another process, a far level that hangs, one that holds what is no page, one that does not pay."""

import asyncio

import pytest

from engine.cache.level import Entry
from engine.cache.pages.luck import MOST, PAID_A_HIT, TRIED
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


async def test_far_is_looked_as_long_as_it_pays_and_now_and_then_after_that(scene: Scene) -> None:
    scene.says = lambda _: scene.answer()

    async def looks(pages: int, start: int) -> int:
        before = scene.far.looks
        for number in range(start, start + pages):
            await scene.fetch._shelf.find(f"page:{number}", now=scene.hand.now())
        return scene.far.looks - before

    assert await looks(MOST, 0) == MOST
    assert await looks(10 * TRIED, MOST) == 10
    scene.says_always(Cache_Control="max-age=100")
    await scene.page("/found")
    scene.near.kept.clear()
    assert (await scene.page("/found", cache="only")).from_cache  # who insists is looked for in any case
    assert await looks(PAID_A_HIT, 2 * MOST) == PAID_A_HIT
    assert await looks(TRIED, 3 * MOST) == 1
