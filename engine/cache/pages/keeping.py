"""Which page may be kept (RFC 9111, 3), and what a 304 makes of one that is (3.2, 4.3.4). Pure.

Stricter than the RFC asks for: no page with Set-Cookie, which is meant for one visitor; none that came by redirects,
for each of them would have to be fresh too; none in chunks, as bodies over 256 KiB are; and no redirect as such.
"""

from collections.abc import Mapping
from dataclasses import replace

from engine.cache.pages.fields import Headers, members_of, updated, value_of, without, without_connection
from engine.cache.pages.freshness import born_at, lifetime_s
from engine.cache.pages.kept import KeptPage, said_in, selecting_fields
from engine.jobs.outcome import Page

KEPT_STATUSES = frozenset({200, 203, 204, 300, 404, 405, 410, 414, 501})
"""What RFC 9110, 15.1 holds fit for caches, but for parts and redirects; none that is tried again."""
MOST_HEAD_CHARS = 64 * 1024

_TELLING = frozenset({"cache-control", "expires", "etag", "last-modified"})
_OF_ONE_MESSAGE = ("age", "date")
"""What a 304 does not say of these is not what was said before: it has just been made (RFC 9110, 6.6.1)."""


def says_nothing(headers: Headers) -> bool:
    """Neither how long it is fresh nor how to ask whether it still holds: most pages, so this comes first."""
    for name, _ in headers:  # noqa: SIM110 - on the way of every page, and half the time of any()
        if name.lower() in _TELLING:
            return False
    return True


def kept(page: Page, sent: Mapping[str, str], *, asked_at: float, came_at: float) -> KeptPage | None:
    """None if it may not be kept, or never be used again. `sent` are the request's fields, names in lower case."""
    if not _may_be_kept(page):
        return None
    bare = replace(page, headers=without_connection(page.headers), retry_after_s=None, times=None)
    found = _kept(bare, sent, asked_at, came_at)
    return found if found.validators or found.lifetime_s > found.age_s(came_at) else None


def validated(
    old: KeptPage, answer: Page, sent: Mapping[str, str], *, asked_at: float, came_at: float
) -> KeptPage | None:
    """The kept page as a 304 leaves it; None if the 304 speaks of another one."""
    if answer.redirected or not _speaks_of(answer.headers, old.page.headers):
        return None
    headers = updated(without(old.page.headers, _OF_ONE_MESSAGE), answer.headers)
    return _kept(replace(old.page, headers=headers), sent, asked_at, came_at)


def may_stay(page: Page) -> bool:
    """By what its head says (RFC 9111, 3): a 304 may have changed that."""
    said = said_in(page.headers)
    return (
        "no-store" not in said
        and "private" not in said
        and value_of(page.headers, "set-cookie") is None
        and "*" not in members_of(value_of(page.headers, "vary"))
    )


def _may_be_kept(page: Page) -> bool:
    return (
        page.status_code in KEPT_STATUSES
        and not page.redirected
        and page.chunks is None
        and sum(len(name) + len(value) for name, value in page.headers) <= MOST_HEAD_CHARS
        and may_stay(page)
    )


def _kept(page: Page, sent: Mapping[str, str], asked_at: float, came_at: float) -> KeptPage:
    return KeptPage(
        page=page,
        kept_at=came_at,
        born_at=born_at(page.headers, asked_at=asked_at, came_at=came_at),
        lifetime_s=lifetime_s(page.headers, said_in(page.headers), came_at=came_at),
        selecting=selecting_fields(page.headers, sent),
    )


def _speaks_of(newer: Headers, older: Headers) -> bool:
    """By the ETag, else the date; a 304 without either can only mean what it was asked about."""
    etag = value_of(newer, "etag")
    if etag is not None:
        return etag.removeprefix("W/") == (value_of(older, "etag") or "").removeprefix("W/")
    modified = value_of(newer, "last-modified")
    return modified is None or modified == value_of(older, "last-modified")
