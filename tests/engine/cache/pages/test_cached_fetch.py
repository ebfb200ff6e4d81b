"""What RFC 9111 asks of a shared cache, seen from the site: when it is asked, and what it is asked."""

import gzip
from dataclasses import replace
from typing import Any

import pytest
from aiohttp import web

from engine.cache.pages.cached_fetch import Finding
from engine.jobs.outcome import ErrorType
from tests.engine.cache.pages.scene import Scene

TAGGED = {"ETag": '"one"', "Cache_Control": "max-age=10"}


async def test_a_fresh_page_is_answered_without_a_request(scene: Scene) -> None:
    scene.says_always(Cache_Control="max-age=10", Content_Type="text/html; charset=utf-8")
    first = await scene.page()
    scene.hand.turn(9)
    with scene.unasked():
        again = await scene.page()
    assert (first.from_cache, again.from_cache) == (False, True)
    assert dict(again.headers)["Age"] == "9"
    kept = [each for each in first.headers if each[0] != "Connection"]
    assert again == replace(first, from_cache=True, headers=(*kept, ("Age", "9")), elapsed_s=again.elapsed_s)
    assert scene.findings == [Finding.MISS, Finding.HIT]


async def test_a_page_that_is_stale_is_asked_for_again(scene: Scene) -> None:
    scene.says_always(Cache_Control="max-age=10")
    await scene.page()
    scene.hand.turn(10)
    with scene.asks():
        assert (await scene.page()).body == b"2"
    with scene.unasked():
        assert (await scene.page()).body == b"2"


@pytest.mark.parametrize(
    ("validators", "condition"),
    [
        ({"ETag": '"one"'}, ("If-None-Match", '"one"')),
        ({"ETag": 'W/"one"'}, ("If-None-Match", 'W/"one"')),
        ({"Last_Modified": "Tue, 14 Nov 2023 22:00:00 GMT"}, ("If-Modified-Since", "Tue, 14 Nov 2023 22:00:00 GMT")),
    ],
)
async def test_a_stale_page_that_the_site_says_holds_is_answered_with_what_the_site_says_of_it(
    scene: Scene, validators: dict[str, str], condition: tuple[str, str]
) -> None:
    scene.says_if_changed(b"kept", {"Cache_Control": "max-age=20", "X_New": "yes"}, X_Old="yes", **validators)
    await scene.page()
    scene.hand.turn(5)
    with scene.asks():
        again = await scene.page()
    assert scene.asked[-1].headers[condition[0]] == condition[1]
    assert (again.status_code, again.body, again.from_cache) == (200, b"kept", True)
    assert {"Cache-Control": "max-age=20", "X-New": "yes", "X-Old": "yes", "Date": scene.date()}.items() <= dict(
        again.headers
    ).items()
    assert scene.findings == [Finding.MISS, Finding.VALIDATED]
    scene.hand.turn(19)
    with scene.unasked():
        assert (await scene.page()).body == b"kept"
    scene.hand.turn(1)
    with scene.asks():
        await scene.page()


async def test_a_stale_page_that_has_changed_is_replaced(scene: Scene) -> None:
    scene.says_always(b"one", **TAGGED)
    await scene.page()
    scene.hand.turn(10)
    scene.says_always(b"two", ETag='"two"', Cache_Control="max-age=10")
    again = await scene.page()
    assert (again.body, again.from_cache) == (b"two", False)
    with scene.unasked():
        assert (await scene.page()).body == b"two"


async def test_a_304_that_forbids_keeping_answers_once_more_and_never_again(scene: Scene) -> None:
    scene.says_if_changed(b"kept", {"Cache_Control": "no-store"}, **TAGGED)
    await scene.page()
    scene.hand.turn(10)
    assert (await scene.page()).body == b"kept"
    assert not scene.near.kept
    assert not scene.far.kept


async def test_a_304_of_another_page_does_not_make_the_kept_one_hold(scene: Scene) -> None:
    scene.says_always(b"one", **TAGGED)
    await scene.page()
    scene.hand.turn(10)
    scene.says = lambda asked: scene.answer(
        b"two", 304 if "If-None-Match" in asked.headers else 200, ETag='"two"', Cache_Control="max-age=10"
    )
    with scene.asks(2):
        again = await scene.page()
    assert (again.status_code, again.body, again.from_cache) == (200, b"two", False)


async def test_a_304_at_the_end_of_a_redirect_does_not_make_the_kept_one_hold(scene: Scene) -> None:
    scene.says_always(b"one", **TAGGED)
    await scene.page()
    scene.hand.turn(10)

    def moved(asked: web.Request) -> web.StreamResponse:
        if asked.path == "/":
            return scene.answer(b"", 302, Location="/else")
        return scene.answer(b"", 304, ETag='"one"') if "If-None-Match" in asked.headers else scene.answer(b"else")

    scene.says = moved
    again = await scene.page()
    assert (again.body, again.final_url, again.from_cache) == (b"else", f"{scene.site}/else", False)


@pytest.mark.parametrize("status", [503, 429])
async def test_an_error_of_the_site_is_no_page_and_does_not_use_the_kept_one_up(scene: Scene, status: int) -> None:
    scene.says_always(b"kept", **TAGGED)
    await scene.page()
    scene.hand.turn(10)
    scene.says_always(b"sorry", status, Cache_Control="max-age=100")
    assert (await scene.page()).status_code == status
    with scene.asks():
        await scene.page()
    scene.says_if_changed(b"", **TAGGED)
    assert (await scene.page()).body == b"kept"


async def test_a_page_that_has_gone_is_forgotten(scene: Scene) -> None:
    scene.says_always(b"kept", **TAGGED)
    await scene.page()
    scene.hand.turn(10)
    scene.says_always(b"gone", 410)
    await scene.page()
    failed = await scene.failure(cache="only", headers={"Cache-Control": "max-stale"})
    assert failed.error_type is ErrorType.NOT_CACHED


@pytest.mark.parametrize(
    "headers",
    [
        {"Cache_Control": "no-store, max-age=100"},
        {"Cache_Control": "private, max-age=100", "ETag": '"a"'},
        {"Cache_Control": 'private="x-user", max-age=100'},
        {"Cache_Control": "max-age=100", "Set_Cookie": "session=1"},
        {"Cache_Control": "max-age=100", "Vary": "Accept, *"},
        {"Cache_Control": "max-age=0"},
        {"Cache_Control": "max-age=never", "Expires": "Fri, 01 Jan 2038 00:00:00 GMT"},
        {"Cache_Control": "max-age=100, s-maxage=0"},
        {"Cache_Control": "max-age=100", "Age": "100"},
        {"Cache_Control": "public"},
        {"Expires": "0"},
        {"X_Nothing": "said"},
    ],
    ids=lambda headers: " ".join(headers.values()),
)
async def test_what_may_not_be_kept_or_never_be_used_is_not_kept(scene: Scene, headers: dict[str, str]) -> None:
    scene.says_always(**headers)
    for _ in range(2):
        with scene.asks():
            assert not (await scene.page()).from_cache
    assert not scene.near.kept
    assert not scene.far.kept


async def test_a_page_without_a_lifetime_is_asked_about_each_time_however_old_it_is(scene: Scene) -> None:
    scene.says_if_changed(b"kept", Last_Modified="Tue, 14 Nov 2003 22:00:00 GMT")
    await scene.page()
    for _ in range(2):
        with scene.asks():
            assert (await scene.page()).from_cache


@pytest.mark.parametrize("rule", ["no-cache, max-age=100", 'no-cache="x-user", max-age=100'])
async def test_no_cache_means_that_the_site_is_asked_each_time(scene: Scene, rule: str) -> None:
    scene.says_if_changed(b"kept", ETag='"a"', Cache_Control=rule)
    await scene.page()
    for _ in range(2):
        with scene.asks():
            assert (await scene.page()).from_cache


@pytest.mark.parametrize(
    ("status", "is_kept"),
    [(200, True), (203, True), (404, True), (410, True), (501, True), (206, False), (500, False), (429, False)],
)
async def test_which_statuses_are_kept(scene: Scene, status: int, is_kept: bool) -> None:  # noqa: FBT001 - a table
    scene.says_always(None, status, Cache_Control="max-age=10")
    await scene.page()
    assert (await scene.page()).from_cache is is_kept


@pytest.mark.parametrize(
    "asking",
    [
        {"headers": {"Authorization": "Bearer x"}},
        {"headers": {"cookie": "session=1"}},
        {"headers": {"Range": "bytes=0-1"}},
        {"headers": {"if-none-match": '"a"'}},
        {"headers": {"Cache-Control": "no-store"}},
        {"data": {"a": 1}},
        {"cache": "bypass"},
        {"method": "OPTIONS"},
        {"method": "POST"},
    ],
    ids=str,
)
async def test_who_goes_past_the_cache_is_neither_answered_from_it_nor_kept(
    scene: Scene, asking: dict[str, Any]
) -> None:
    scene.says_always(Cache_Control="public, max-age=100, s-maxage=100")
    await scene.page("/new", **asking)
    assert not scene.near.kept
    await scene.page()
    with scene.asks():
        assert not (await scene.page(**asking)).from_cache
    assert len(scene.near.kept) == (0 if asking.get("method") == "POST" else 1)
    assert Finding.HIT not in scene.findings


async def test_credentials_in_the_url_go_past_the_cache(scene: Scene) -> None:
    scene.says_always(Cache_Control="public, max-age=100")
    url = scene.site.replace("http://", "http://me:secret@")
    for _ in range(2):
        with scene.asks():
            assert not (await scene.page(f"{url}/")).from_cache
    await scene.page("/@mine")
    with scene.unasked():
        await scene.page("/@mine")


async def test_a_proxy_goes_past_the_cache(scene: Scene) -> None:
    scene.says_always(Cache_Control="public, max-age=100")
    await scene.page("/new", proxy=scene.site)  # the site plays the proxy
    assert not scene.near.kept


async def test_what_varies_is_answered_to_its_like_only(scene: Scene) -> None:
    scene.says_always(Cache_Control="max-age=100", Vary="Accept-Language, User-Agent")
    german = {"Accept-Language": "de"}
    await scene.page(headers=german)
    with scene.unasked():
        assert (await scene.page(headers={"accept-language": "de", "X-Other": "1"})).from_cache
        assert (await scene.page(headers={**german, "User-Agent": "Tester/1"})).from_cache  # which is what we send
    others: tuple[dict[str, Any], ...] = (
        {"headers": {"Accept-Language": "fr"}},
        {"headers": {"Accept-Language": "fr"}, "user_agent": "Other/2"},
        {},
    )
    for other in others:
        with scene.asks():
            assert not (await scene.page(**other)).from_cache
        with scene.unasked():
            assert (await scene.page(**other)).from_cache


@pytest.mark.parametrize(
    ("wish", "age_s", "is_usable"),
    [
        ("", 59, True),
        ("", 60, False),
        ("no-cache", 0, False),
        ("max-age=10", 10, True),
        ("max-age=10", 11, False),
        ("max-age=nonsense", 1, False),
        ("min-fresh=10", 50, True),
        ("min-fresh=10", 51, False),
        ("max-stale", 3000, True),
        ("max-stale=10", 70, True),
        ("max-stale=10", 71, False),
        ("max-stale=100, max-age=80", 90, False),
        ("max-stale, min-fresh=1", 70, False),
    ],
)
async def test_a_request_may_want_more_or_less_than_fresh(
    scene: Scene,
    wish: str,
    age_s: int,
    is_usable: bool,  # noqa: FBT001 - a table
) -> None:
    scene.says_always(Cache_Control="max-age=60")
    await scene.page()
    scene.hand.turn(age_s)
    assert (await scene.page(headers={"Cache-Control": wish} if wish else {})).from_cache is is_usable


@pytest.mark.parametrize("strict", ["must-revalidate", "proxy-revalidate", "s-maxage=60", "no-cache"])
async def test_no_wish_makes_a_stale_page_usable_that_forbids_it(scene: Scene, strict: str) -> None:
    scene.says_always(Cache_Control=f"max-age=60, {strict}")
    await scene.page()
    scene.hand.turn(61)
    assert not (await scene.page(headers={"Cache-Control": "max-stale"})).from_cache


@pytest.mark.parametrize(
    ("headers", "fresh_s"),
    [
        ({"Cache_Control": "max-age=60"}, 60),
        ({"Cache_Control": 'MAX-AGE="60"'}, 60),
        ({"Cache_Control": "max-age=60, max-age=1"}, 60),
        ({"Cache_Control": "max-age=10, s-maxage=60"}, 60),
        ({"Cache_Control": "max-age=60", "Age": "20"}, 40),
        ({"Cache_Control": "max-age=60", "Expires": "0"}, 60),
        ({"Cache_Control": "max-age=60", "Date": "Tue, 14 Nov 2023 22:13:00 GMT"}, 40),
        ({"Cache_Control": "max-age=60", "Date": "Tue, 14 Nov 2023 22:13:00 GMT", "Age": "30"}, 30),
        ({"Cache_Control": "max-age=60", "Date": "Tue, 14 Nov 2023 23:00:00 GMT"}, 60),
        ({"Cache_Control": "max-age=60", "Date": "some day"}, 60),
        ({"Expires": "Tue, 14 Nov 2023 22:14:20 GMT"}, 60),
        ({"Expires": "Tuesday, 14-Nov-23 22:14:20 GMT"}, 60),
        ({"Expires": "Tue Nov 14 22:14:20 2023"}, 60),
        ({"Expires": "Tue, 14 Nov 2023 22:14:20 GMT", "Date": "Tue, 14 Nov 2023 22:13:00 GMT"}, 60),
    ],
    ids=str,
)
async def test_how_long_a_page_is_fresh(scene: Scene, headers: dict[str, str], fresh_s: int) -> None:
    """The test's clock starts at 22:13:20."""
    scene.says = lambda _: scene.answer(**headers)
    await scene.page()
    scene.hand.turn(fresh_s - 1)
    with scene.unasked():
        await scene.page()
    scene.hand.turn(1)
    with scene.asks():
        await scene.page()


async def test_a_page_that_was_kept_by_a_clock_ahead_of_ours_is_not_trusted(scene: Scene) -> None:
    scene.hand.turn(86_400)
    scene.says_if_changed(b"kept", ETag='"a"', Cache_Control="max-age=60")
    await scene.page()
    scene.hand.turn(-86_400)
    with scene.asks():
        assert (await scene.page()).from_cache
    with scene.unasked():
        await scene.page()


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
@pytest.mark.parametrize(("status", "is_void"), [(200, True), (204, True), (404, False), (500, False)])
async def test_a_change_that_succeeds_makes_the_kept_page_void(
    scene: Scene,
    method: str,
    status: int,
    is_void: bool,  # noqa: FBT001 - a table
) -> None:
    scene.says_always(Cache_Control="max-age=100")
    await scene.page("/a?x=1")
    await scene.page("/a", method="HEAD", params={"x": 1})
    scene.says_always(None, status)
    await scene.page("/a", method=method, params={"x": 1}, headers={"Authorization": "x"}, cache="bypass")
    for asked in ("GET", "HEAD"):
        assert (await scene.page("/a?x=1", method=asked)).from_cache is not is_void


async def test_a_change_that_ends_in_a_redirect_to_nothing_makes_the_kept_page_void(scene: Scene) -> None:
    scene.says_always(Cache_Control="max-age=100")
    await scene.page()
    scene.says = lambda asked: scene.answer(
        b"", 303 if asked.path == "/" else 404, **({"Location": "/no"} if asked.path == "/" else {})
    )
    await scene.page(method="POST")
    assert not scene.near.kept


async def test_what_came_by_redirects_is_not_kept_nor_is_a_redirect(scene: Scene) -> None:
    def moved(asked: web.Request) -> web.StreamResponse:
        if asked.path == "/" and "Cookie" not in asked.headers:
            return scene.answer(b"", 301, Location="/login", Cache_Control="max-age=100")
        if asked.path == "/login":
            return scene.answer(b"", 302, Location="/", Set_Cookie="session=1", Cache_Control="max-age=100")
        return scene.answer(b"mine", Cache_Control="max-age=100")

    scene.says = moved
    for _ in range(2):
        with scene.asks(3):
            page = await scene.page()
    assert (page.body, page.final_url) == (b"mine", f"{scene.site}/")
    assert not scene.near.kept


async def test_a_url_is_the_same_however_it_came_by_its_query(scene: Scene) -> None:
    scene.says_always(Cache_Control="max-age=100")
    await scene.page("/a?x=1&y=%C3%BC#there")
    with scene.unasked():
        await scene.page("/a", params={"x": 1, "y": "ü"})
    for other in ("/a?x=1", "/a", "/b?x=1&y=%C3%BC"):
        with scene.asks():
            await scene.page(other)


async def test_head_and_get_are_kept_apart(scene: Scene) -> None:
    scene.says_always(b"body", Cache_Control="max-age=100")
    assert (await scene.page(method="HEAD")).body == b""
    with scene.asks():
        assert (await scene.page()).body == b"body"
    with scene.unasked():
        assert (await scene.page(method="HEAD")).body == b""
        assert (await scene.page()).body == b"body"


async def test_only_asks_no_site(scene: Scene) -> None:
    scene.says_always(**TAGGED)
    with scene.unasked():
        failed = await scene.failure(cache="only")
        assert (failed.error_type, failed.may_have_left) == (ErrorType.NOT_CACHED, False)
        assert (await scene.failure(headers={"Cache-Control": "only-if-cached"})).error_type is ErrorType.NOT_CACHED
        assert (await scene.failure(method="POST", cache="only")).error_type is ErrorType.NOT_CACHED
        assert (await scene.failure(headers={"Cookie": "a=b"}, cache="only")).error_type is ErrorType.NOT_CACHED
    await scene.page()
    with scene.unasked():
        assert (await scene.page(cache="only")).from_cache
        scene.hand.turn(11)
        assert (await scene.failure(cache="only")).error_type is ErrorType.NOT_CACHED
        assert (await scene.page(cache="only", headers={"Cache-Control": "max-stale=1"})).from_cache


async def test_bypass_sees_the_site_and_leaves_what_is_kept(scene: Scene) -> None:
    scene.says_always(Cache_Control="max-age=100")
    await scene.page()
    with scene.asks():
        assert (await scene.page(cache="bypass")).body == b"2"
    with scene.unasked():
        assert (await scene.page()).body == b"1"


@pytest.mark.parametrize(("size", "is_kept"), [(256 * 1024, True), (256 * 1024 + 1, False)])
async def test_a_body_that_goes_to_the_store_in_chunks_is_not_kept(
    scene: Scene,
    size: int,
    is_kept: bool,  # noqa: FBT001 - a table
) -> None:
    scene.says_always(b"x" * size, Cache_Control="max-age=100")
    await scene.page(extract_text=True)
    assert (await scene.page()).from_cache is is_kept


async def test_a_kept_page_that_is_larger_than_the_job_wants_does_not_answer_it(scene: Scene) -> None:
    scene.says_always(b"x" * 100, Cache_Control="max-age=100")
    await scene.page()
    with scene.asks():
        assert (await scene.failure(max_body_bytes=99)).error_type is ErrorType.BODY_TOO_LARGE
    with scene.unasked():
        await scene.page(max_body_bytes=100)


async def test_a_head_without_end_is_not_kept(scene: Scene) -> None:
    scene.says_always(Cache_Control="max-age=100", **{f"X_{n}": "x" * 8000 for n in range(9)})
    await scene.page()
    assert not scene.near.kept


async def test_a_coded_body_comes_back_as_it_was_decoded(scene: Scene) -> None:
    scene.says_always(gzip.compress(b"\n{}\n" * 100), Content_Encoding="gzip", Cache_Control="max-age=100")
    first = await scene.page()
    again = await scene.page()
    assert (first.body, again.body, again.size) == (b"\n{}\n" * 100, b"\n{}\n" * 100, 400)
    assert again.from_cache


async def test_what_belongs_to_the_connection_is_not_kept(scene: Scene) -> None:
    scene.says_always(Cache_Control="max-age=100", Connection="close, X-Hop", X_Hop="1", Keep_Alive="timeout=5")
    assert {"X-Hop", "Keep-Alive"} < dict((await scene.page()).headers).keys()
    assert not {"X-Hop", "Keep-Alive", "Connection"} & dict((await scene.page()).headers).keys()


async def test_a_failure_is_handed_on_and_nothing_is_forgotten(scene: Scene) -> None:
    scene.says_always(b"kept", **TAGGED)
    await scene.page()
    scene.hand.turn(10)

    def hangs_up(asked: web.Request) -> web.StreamResponse:
        assert asked.transport is not None
        asked.transport.close()
        return web.Response()

    scene.says = hangs_up
    assert (await scene.failure()).error_type is ErrorType.CONNECTION_LOST
    scene.says_if_changed(b"", **TAGGED)
    assert (await scene.page()).body == b"kept"
