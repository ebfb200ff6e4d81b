"""A Fetch that answers from kept pages where RFC 9111 lets a shared cache do so, and keeps those that it may.

One page is kept for a URL and a method, the last that came: a request whose fields that Vary names are others replaces
it. An error of the site never uses up a kept page, and never is answered by one.
"""

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import replace
from enum import StrEnum
from time import monotonic
from typing import Any

from engine.cache.pages.directives import Directives
from engine.cache.pages.keeping import kept, may_stay, says_nothing, validated
from engine.cache.pages.kept import KeptPage
from engine.cache.pages.shelf import Shelf
from engine.cache.pages.wish import CHANGING, KIND, LOOKED_UP, key_of, sent_by, wish_of
from engine.jobs.outcome import ErrorType, Failure, Outcome, Page
from engine.jobs.ports import Credit, Fetch, Sink
from engine.jobs.request import Request
from engine.jobs.verdict import RETRIED_STATUSES

__all__ = ["KIND", "CachedFetch", "Finding"]

NOT_CACHED = Failure(
    error_type=ErrorType.NOT_CACHED, message="no page is kept that may answer this", may_have_left=False
)
LEAST_TIMEOUT_S = 0.001


class Finding(StrEnum):
    """What a look for a page came to."""

    HIT = "hit"
    VALIDATED = "validated"
    """The site was asked, and said that the kept page still holds."""
    MISS = "miss"


class CachedFetch:
    """A page whose site says nothing of caching costs it 2.6 us (perf/bench/caching.py)."""

    def __init__(  # noqa: PLR0913 - what a cache stands between
        self,
        *,
        fetch: Fetch,
        shelf: Shelf,
        target: Callable[[Request], str | None],
        standing: Mapping[str, str],
        now: Callable[[], float],
        tell: Callable[[Finding], None] = lambda _: None,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        """`target` is the URL that a request goes to, without fragment, None if that cannot be said.

        `standing` are the fields that go with every request that has none of its own; `now` gives epoch seconds.
        """
        self._fetch = fetch
        self._shelf = shelf
        self._target = target
        self._standing = {name.lower(): value for name, value in standing.items()}
        self._now = now
        self._tell = tell
        self._clock = clock

    def __call__(
        self, request: Request, *, timeout_s: float, sink: Sink, credit: Credit
    ) -> Coroutine[Any, Any, Outcome]:
        wish = wish_of(request)
        target = None if wish is None else self._target(request)
        if wish is None or target is None:
            return self._past(request, timeout_s, sink, credit)
        key = key_of(request.method, target)
        only = request.options.cache == "only" or "only-if-cached" in wish.said
        if self._shelf.lacks(key) and not only:
            return self._fetched(request, key, timeout_s, sink, credit)
        return self._looked_for(request, key, wish, only=only, timeout_s=timeout_s, sink=sink, credit=credit)

    async def _looked_for(  # noqa: PLR0913 - a request, and what its fetch takes
        self,
        request: Request,
        key: str,
        wish: Directives,
        *,
        only: bool,
        timeout_s: float,
        sink: Sink,
        credit: Credit,
    ) -> Outcome:
        began = self._clock()
        found = self._fitting(request, await self._shelf.find(key, now=self._now(), insists=only))
        answer = None if found is None else self._answer(found, wish, began)
        if answer is not None:
            return answer
        if only:
            self._tell(Finding.MISS)
            return NOT_CACHED
        left_s = max(timeout_s - (self._clock() - began), LEAST_TIMEOUT_S)
        if found is None or not found.validators:
            return await self._fetched(request, key, left_s, sink, credit)
        return await self._validated(request, key, found, left_s, sink, credit)

    async def _past(self, request: Request, timeout_s: float, sink: Sink, credit: Credit) -> Outcome:
        if request.options.cache == "only":
            return NOT_CACHED
        outcome = await self._fetch(request, timeout_s=timeout_s, sink=sink, credit=credit)
        if request.method in CHANGING and isinstance(outcome, Page):
            await self._void(request, outcome)
        return outcome

    async def _void(self, request: Request, page: Page) -> None:
        """RFC 9111, 4.4: what succeeded has changed what is there, and so has what was redirected."""
        if page.status_code < 400 or page.redirected:
            urls = {page.final_url, self._target(request) or page.final_url}
            await self._shelf.forget([key_of(method, url) for url in urls for method in LOOKED_UP])

    def _fitting(self, request: Request, found: KeptPage | None) -> KeptPage | None:
        """The kept page, if it was selected by such a request (Vary) and is no larger than this one wants."""
        if found is None or found.page.size > request.options.max_body_bytes:
            return None
        if found.selecting and not found.is_selected_by(sent_by(request, self._standing)):
            return None
        return found

    def _answer(self, found: KeptPage, wish: Directives, began: float) -> Page | None:
        now = self._now()
        if not found.is_usable(wish, now):
            return None
        self._tell(Finding.HIT)
        return replace(found.answered(now), elapsed_s=self._clock() - began)

    async def _fetched(self, request: Request, key: str, timeout_s: float, sink: Sink, credit: Credit) -> Outcome:
        self._tell(Finding.MISS)
        asked_at = self._now()
        outcome = await self._fetch(request, timeout_s=timeout_s, sink=sink, credit=credit)
        if isinstance(outcome, Page) and not says_nothing(outcome.headers):
            await self._keep(request, key, outcome, asked_at)
        return outcome

    async def _keep(self, request: Request, key: str, page: Page, asked_at: float) -> bool:
        now = self._now()
        found = kept(page, sent_by(request, self._standing), asked_at=asked_at, came_at=now)
        if found is not None:
            await self._shelf.keep(key, found, now=now)
        return found is not None

    async def _validated(
        self, request: Request, key: str, old: KeptPage, timeout_s: float, sink: Sink, credit: Credit
    ) -> Outcome:
        """Asks the site whether it still holds (RFC 9111, 4.3)."""
        began, asked_at = self._clock(), self._now()
        asking = replace(request, headers={**request.headers, **old.validators})
        outcome = await self._fetch(asking, timeout_s=timeout_s, sink=sink, credit=credit)
        if not isinstance(outcome, Page):
            return outcome
        if outcome.status_code != 304:
            return await self._replaced(request, key, outcome, asked_at)
        sent = sent_by(request, self._standing)
        new = validated(old, outcome, sent, asked_at=asked_at, came_at=self._now())
        if new is None:
            left_s = max(timeout_s - (self._clock() - began), LEAST_TIMEOUT_S)
            return await self._fetched(request, key, left_s, sink, credit)
        self._tell(Finding.VALIDATED)
        if may_stay(new.page):
            await self._shelf.keep(key, new, now=new.kept_at)
        else:
            await self._shelf.forget((key,))
        return replace(new.page, from_cache=True, elapsed_s=outcome.elapsed_s, times=outcome.times)

    async def _replaced(self, request: Request, key: str, page: Page, asked_at: float) -> Page:
        """A whole answer instead: the kept page is no more, unless this one is to be asked for again."""
        self._tell(Finding.MISS)
        if not await self._keep(request, key, page, asked_at) and page.status_code not in RETRIED_STATUSES:
            await self._shelf.forget((key,))
        return page
