from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from engine.fetch.extracting import INLINE_BYTES, Extract, Extracting
from engine.jobs.outcome import Chunks, ErrorType, Extraction, Failure, Outcome, Page
from engine.jobs.ports import Credit, Sink
from engine.jobs.request import Options, Request, Selector
from engine.runtime import Credits, inline
from tests.contracts.budget import BUDGET_BYTES, an_allowance
from tests.engine.fetch.test_extraction import a_page

T = TypeVar("T")
FOUND = Extraction(text="b'body' True")


class Scene:
    """An Extracting, what it loaded, and what it had done elsewhere."""

    def __init__(self, outcome: Outcome, *, budget: int = BUDGET_BYTES) -> None:
        self.credits = Credits(budget)
        self.credit = an_allowance(1, of=self.credits)
        self.outcome = outcome
        self.loaded = 0
        self.called = 0
        self.fetch = Extracting(fetch=self._fetch, call=self._call, load=self._load)

    async def made(self, **options: object) -> Outcome:
        asked = Request(url="http://site.test/", host="site.test", options=Options(**options))  # type: ignore[arg-type]  # Options checks them
        return await self.fetch(asked, timeout_s=1.0, sink=_lost, credit=self.credit)

    async def _fetch(self, request: Request, *, timeout_s: float, sink: Sink, credit: Credit) -> Outcome:
        assert (request.host, timeout_s, sink, credit) == ("site.test", 1.0, _lost, self.credit)
        return self.outcome

    async def _call(self, work: Callable[[], T], /) -> T:
        self.called += 1
        return await inline(work)

    def _load(self) -> Extract:
        self.loaded += 1
        return lambda page, options: Extraction(text=f"{page.body!r} {options.extract_text}")


async def _lost(_: bytes) -> None: ...


def _sized(size: int) -> Page:
    return replace(a_page(b"body"), size=size)


async def test_nothing_is_loaded_until_a_page_is_asked_for_more() -> None:
    scene = Scene(_sized(4))
    assert await scene.made() == scene.outcome
    assert scene.loaded == 0
    for _ in range(3):
        assert await scene.made(extract_text=True) == replace(_sized(4), extraction=FOUND)
    assert scene.loaded == 1


async def test_a_failure_passes() -> None:
    scene = Scene(Failure(error_type=ErrorType.DNS, message="no", may_have_left=False))
    assert await scene.made(extract_text=True) == scene.outcome
    assert scene.loaded == 0


async def test_large_pages_and_users_selectors_do_not_hold_up_the_loop() -> None:
    for size, options, elsewhere in (
        (INLINE_BYTES, {"extract_text": True}, 0),
        (INLINE_BYTES + 1, {"extract_text": True}, 1),
        (4, {"extract": {"a": Selector(css="a")}}, 1),
    ):
        scene = Scene(_sized(size))
        await scene.made(**options)
        assert scene.called == 1 + elsewhere  # one is the loading


async def test_a_body_that_is_in_chunks_is_let_go() -> None:
    page = replace(_sized(INLINE_BYTES), chunks=Chunks(count=1, sha256="0"))
    assert await Scene(page).made(extract_text=True) == replace(page, body=b"", extraction=FOUND)
