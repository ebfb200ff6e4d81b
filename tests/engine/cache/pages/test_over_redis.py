"""Two processes that share a real Redis, until it is killed."""

from engine.jobs.outcome import ErrorType
from tests.engine.cache.pages.level import DictLevel
from tests.engine.cache.pages.scene import Scene
from tests.servers.redis import tended
from tests.servers.valkey import valkey


async def test_what_one_process_kept_another_answers_with_and_a_change_there_is_one_here(scene: Scene) -> None:
    body = b"\x00\xff<p>" * 5000
    scene.says_if_changed(body, Cache_Control="max-age=60", ETag='"one"')
    with valkey() as server:
        async with tended(server.url, origin="a") as ours, tended(server.url, origin="b") as theirs:
            one = scene.beside(DictLevel(scene.hand.now), ours.level)
            other = scene.beside(DictLevel(scene.hand.now), theirs.level)
            await scene.page(by=one)
            with scene.unasked():
                assert (await scene.page(by=other)).body == body
            await scene.page(by=other, method="DELETE")
            with scene.asks():
                assert not (await scene.page(by=other)).from_cache


async def test_a_redis_that_is_killed_costs_no_page(scene: Scene) -> None:
    scene.says_always(b"page", Cache_Control="max-age=60")
    with valkey() as server:
        async with tended(server.url) as ours:
            one = scene.beside(DictLevel(scene.hand.now), ours.level)
            server.kill()
            for path in ("/a", "/b"):
                assert not (await scene.page(path, by=one)).from_cache
                assert (await scene.page(path, by=one)).from_cache
            assert (await scene.failure("/c", by=one, cache="only")).error_type is ErrorType.NOT_CACHED
            await scene.page("/a", by=one, method="DELETE")
            assert not (await scene.page("/a", by=one)).from_cache
