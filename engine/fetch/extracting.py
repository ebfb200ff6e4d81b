"""A Fetch that also takes out of the page what its request wants.

What can take long runs in a thread, one page at a time, once there is memory for its tree. No parser is loaded before
the first page that needs one.
"""

from collections.abc import Callable, Coroutine
from dataclasses import replace
from functools import partial
from time import monotonic
from typing import Any

from engine.fetch.intake import unaffordable
from engine.fetch.tree import tree_bytes
from engine.jobs.footprint import STATE_BYTES
from engine.jobs.outcome import Extraction, Failure, Outcome, Page
from engine.jobs.ports import Credit, Fetch, Sink
from engine.jobs.request import DEFAULT, Options, Request
from engine.jobs.stages import EXTRACTION, MEMORY, no_times
from engine.runtime import Call, inline

INLINE_BYTES = 64 * 1024
"""A larger page would hold up the loop for longer than a thread costs. What the tree of a smaller one takes is no more
than some megabytes, and there is one at a time."""

Extract = Callable[[Page, Options], Extraction]


class Extracting:
    """A large body that the inner fetch kept for this is let go afterwards: it is in its chunks."""

    def __init__(
        self, *, fetch: Fetch, call: Call, load: Callable[[], Extract], clock: Callable[[], float] = monotonic
    ) -> None:
        self._fetch = fetch
        self._call = call
        self._load = load
        self._clock = clock
        self._extract: Extract | None = None

    def __call__(
        self, request: Request, *, timeout_s: float, sink: Sink, credit: Credit
    ) -> Coroutine[Any, Any, Outcome]:
        fetched = self._fetch(request, timeout_s=timeout_s, sink=sink, credit=credit)
        options = request.options
        return self._of(fetched, options, credit) if options is not DEFAULT and options.wants_extraction else fetched

    async def _of(self, fetched: Coroutine[Any, Any, Outcome], options: Options, credit: Credit) -> Outcome:
        outcome = await fetched
        return await self._extracted(outcome, options, credit) if isinstance(outcome, Page) else outcome

    async def _extracted(self, page: Page, options: Options, credit: Credit) -> Outcome:
        # Users' selectors may take their time on any page.
        if page.size <= INLINE_BYTES and not options.extract:
            return await self._made(page, options, inline)
        need = STATE_BYTES + page.size + tree_bytes(page.body)
        if need > credit.most:
            return _too_large(page, need, credit.most)
        asked = self._clock()
        await credit.reach(need)
        times = list(page.times or no_times())
        times[MEMORY] += (self._clock() - asked) * 1e6
        return await self._made(replace(page, times=times), options, self._call)

    async def _made(self, page: Page, options: Options, call: Call) -> Page:
        began = self._clock()
        if self._extract is None:
            self._extract = await self._call(self._load)
        extraction = await call(partial(self._extract, page, options))
        times = list(page.times or no_times())
        times[EXTRACTION] = (self._clock() - began) * 1e6
        return replace(page, extraction=extraction, body=b"" if page.chunks else page.body, times=times)


def _too_large(page: Page, need: int, most: int) -> Failure:
    problem = unaffordable(need, most)
    return Failure(
        error_type=problem.error_type,
        message=f"what is wanted of the page cannot be taken out: {problem.message}",
        may_have_left=True,
        elapsed_s=page.elapsed_s,
        times=page.times,
    )
