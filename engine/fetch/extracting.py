"""A Fetch that also takes out of the page what its request wants.

What can take long runs in a thread, and no parser is loaded before the first page that needs one.
"""

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from time import monotonic

from engine.jobs.outcome import Extraction, Outcome, Page
from engine.jobs.ports import Fetch, Sink
from engine.jobs.request import Options, Request
from engine.jobs.stages import EXTRACTION, no_times
from engine.runtime import Call

INLINE_BYTES = 64 * 1024
"""A larger page would hold up the loop for longer than a thread costs."""

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

    async def __call__(self, request: Request, *, timeout_s: float, sink: Sink) -> Outcome:
        outcome = await self._fetch(request, timeout_s=timeout_s, sink=sink)
        if isinstance(outcome, Page) and request.options.wants_extraction:
            return await self._extracted(outcome, request.options)
        return outcome

    async def _extracted(self, page: Page, options: Options) -> Page:
        began = self._clock()
        if self._extract is None:
            self._extract = await self._call(self._load)
        work = partial(self._extract, page, options)
        # Users' selectors may take their time on any page.
        is_short = page.size <= INLINE_BYTES and not options.extract
        extraction = work() if is_short else await self._call(work)
        times = list(page.times or no_times())
        times[EXTRACTION] = (self._clock() - began) * 1e6
        return replace(page, extraction=extraction, body=b"" if page.chunks else page.body, times=times)
