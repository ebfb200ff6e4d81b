import asyncio
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

import pytest

from engine.fetch.extracting import INLINE_BYTES, Extract, Extracting
from engine.fetch.tree import tree_bytes
from engine.jobs.outcome import Chunks, ErrorType, Extraction, Failure, Outcome, Page
from engine.jobs.ports import Credit, Sink
from engine.jobs.request import Options, Request, Selector
from engine.jobs.stages import EXTRACTION, MEMORY
from engine.runtime import Credits, inline
from tests.conftest import eventually
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


LARGE = replace(a_page(b"<p class=a>a word</p>" * 10_000), size=INLINE_BYTES + 1)


async def test_the_tree_of_a_large_page_is_paid_for_before_it_is_parsed() -> None:
    scene = Scene(LARGE)
    page = await scene.made(extract_text=True)
    assert isinstance(page, Page)
    assert scene.credit.held > tree_bytes(LARGE.body) > 20 * len(LARGE.body)


async def test_a_wait_for_the_tree_is_told_as_memory_and_not_as_extraction() -> None:
    scene = Scene(LARGE, budget=2 * tree_bytes(LARGE.body))
    other = an_allowance(scene.credits.total_bytes - 1, of=scene.credits)
    await other.reach(2 * scene.credits.total_bytes)
    making = asyncio.create_task(scene.made(extract_text=True))
    await eventually(lambda: scene.credits.waiting)
    await asyncio.wait((making,), timeout=0.1)
    assert scene.called == 0
    other.give_back()
    page = await making
    assert isinstance(page, Page)
    assert page.times is not None
    assert page.times[MEMORY] >= 0.09e6
    assert page.times[EXTRACTION] < 0.09e6


async def test_a_tree_that_all_the_memory_does_not_hold_fails_and_says_so() -> None:
    scene = Scene(LARGE, budget=tree_bytes(LARGE.body))
    failure = await scene.made(extract_text=True)
    assert isinstance(failure, Failure)
    assert failure.error_type is ErrorType.BODY_TOO_LARGE
    assert f"all fetches together have {tree_bytes(LARGE.body)}" in failure.message
    assert scene.called == 0


@pytest.mark.parametrize(
    "body",
    [
        b"<br>" * 100_000,
        b"<p a=1 b=2 c=3 d=4 e=5 f=6 g=7>" * 12_000,
        b"<p a b c d e f g h>" * 20_000,
        b"lorem ipsum " * 30_000,
        "\u00e9\u00e8 ".encode() * 70_000,
        b"<a href=/p/1>some text of it</a>\n" * 12_000,
    ],
    ids=["elements", "attributes", "attributes without values", "words", "letters", "links"],
)
def test_no_page_takes_more_than_its_tree_was_said_to(body: bytes) -> None:
    """In a process of its own: what lxml takes shows in no counter of Python's."""
    took = int(subprocess.run([sys.executable, "-c", WEIGHING], input=body, stdout=subprocess.PIPE, check=True).stdout)
    assert took < tree_bytes(body) + MEBIBYTE


MEBIBYTE = 1024 * 1024
WEIGHING = """
import sys
from dataclasses import replace
from engine.fetch.extraction import extract
from engine.jobs.request import Options
from tests.engine.fetch.test_extraction import a_page

def kib(name):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(name))

everything = Options(extract_text=True, extract_links=True, extract_images=True)
extract(a_page(b"<p>a"), everything)
page = a_page(sys.stdin.buffer.read())
with open("/proc/self/clear_refs", "w") as reset:
    reset.write("5")
before = kib("VmRSS")
extract(page, everything)
print((kib("VmHWM") - before) * 1024)
"""
