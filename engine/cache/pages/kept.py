"""A page that is kept, what makes it usable again, and its form as bytes."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import orjson

from engine.cache.pages.directives import NOTHING_SAID, Directives, directives_of
from engine.cache.pages.fields import Headers, members_of, moment_of, value_of, without
from engine.jobs.outcome import Page

SKEW_S = 5.0
"""By how much another process's clock may be ahead of ours; what was kept later than that was kept by a wrong clock."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptPage:
    """Times are in epoch seconds; `page` is as it came, without the fields of its connection."""

    page: Page
    kept_at: float
    """When it came, or was last validated."""
    born_at: float
    """From when its age is counted."""
    lifetime_s: float
    selecting: Headers = ()
    """The request's fields that Vary names, as they were sent (RFC 9111, 4.1)."""

    @property
    def said(self) -> Directives:
        return said_in(self.page.headers)

    @property
    def validators(self) -> dict[str, str]:
        """What asks the site whether it still holds (RFC 9111, 4.3.1)."""
        etag, modified = (value_of(self.page.headers, name) for name in ("etag", "last-modified"))
        found = {"If-None-Match": etag} if etag else {}
        if modified and moment_of(modified) is not None:
            found["If-Modified-Since"] = modified
        return found

    def age_s(self, now: float) -> float:
        return max(0.0, now - self.born_at)

    def is_selected_by(self, sent: Mapping[str, str]) -> bool:
        """`sent` are all fields of the request, names in lower case."""
        return all(sent.get(name, "") == value for name, value in self.selecting)

    def is_usable(self, wish: Directives, now: float) -> bool:
        """Without asking the site: fresh, or as stale as both sides allow (RFC 9111, 4.2 and 5.2.1)."""
        if "no-cache" in wish or "no-cache" in self.said or now < self.kept_at - SKEW_S:
            return False
        age_s = self.age_s(now)
        oldest_s = wish.seconds("max-age")
        if oldest_s is not None and age_s > oldest_s:
            return False
        left_s = self.lifetime_s - age_s
        least_s = wish.seconds("min-fresh") or 0
        return left_s >= least_s if left_s > 0 else not least_s and self._may_be_stale(wish, -left_s)

    def answered(self, now: float) -> Page:
        """As it is told again, with its age (RFC 9111, 5.1)."""
        age = ("Age", str(int(self.age_s(now))))
        return replace(self.page, headers=(*without(self.page.headers, ("age",)), age), from_cache=True)

    def _may_be_stale(self, wish: Directives, stale_s: float) -> bool:
        if "max-stale" not in wish or self.said.forbid_stale:
            return False
        return wish.said["max-stale"] is None or stale_s <= (wish.seconds("max-stale") or 0)

    def encoded(self) -> bytes:
        """A line of JSON, and the body."""
        page = self.page
        head = (
            page.status_code,
            page.final_url,
            page.headers,
            page.content_type,
            page.charset,
            self.kept_at,
            self.born_at,
            self.lifetime_s,
            self.selecting,
        )
        return orjson.dumps(head) + b"\n" + page.body

    @classmethod
    def decoded(cls, value: bytes) -> Self:
        """Raises ValueError or TypeError for what is no such page."""
        line, _, body = value.partition(b"\n")
        status, url, headers, kind, charset, kept_at, born_at, lifetime_s, selecting = orjson.loads(line)
        page = Page(
            status_code=status,
            final_url=url,
            headers=_pairs(headers),
            content_type=kind,
            charset=charset,
            body=body,
            size=len(body),
            elapsed_s=0.0,
        )
        return cls(page=page, kept_at=kept_at, born_at=born_at, lifetime_s=lifetime_s, selecting=_pairs(selecting))


def said_in(headers: Headers) -> Directives:
    field = value_of(headers, "cache-control")
    return NOTHING_SAID if field is None else directives_of(field)


def selecting_fields(headers: Headers, sent: Mapping[str, str]) -> Headers:
    return tuple((name, sent.get(name, "")) for name in dict.fromkeys(members_of(value_of(headers, "vary"))))


def _pairs(found: list[list[str]]) -> Headers:
    return tuple((name, value) for name, value in found)
