"""What a request wants of the cache, and under which name its page is kept."""

from collections.abc import Mapping
from hashlib import blake2b

from engine.cache.pages.directives import NOTHING_SAID, Directives, directives_of
from engine.jobs.request import Request

KIND = "page"
LOOKED_UP = frozenset({"GET", "HEAD"})
CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
"""What makes kept pages of its URL void (RFC 9111, 4.4)."""

_FORM = 1
"""Of what is kept; pages that another release has kept in another form are not found."""
_OF_ITS_OWN = frozenset(
    {
        "authorization",
        "cookie",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "proxy-authorization",
        "range",
    }
)
"""Who sends one of these is answered for himself alone, or asks for less than a page."""


def wish_of(request: Request) -> Directives | None:
    """None if the request goes past the cache: neither answered from it nor kept."""
    options = request.options
    if request.method not in LOOKED_UP or options.cache == "bypass" or options.proxy is not None or request.data:
        return None
    if "@" in request.url and "@" in request.url.split("/", 3)[2]:
        return None
    if not request.headers:
        return NOTHING_SAID
    given = _lower(request.headers)
    wish = directives_of(given.get("cache-control", ""))
    return wish if _OF_ITS_OWN.isdisjoint(given) and "no-store" not in wish else None


def sent_by(request: Request, standing: Mapping[str, str]) -> dict[str, str]:
    """All fields, names in lower case; `standing` are those that a client adds where the request has none."""
    given = _lower(request.headers)
    if request.options.user_agent is not None:
        given["user-agent"] = request.options.user_agent
    return {**standing, **given}


def key_of(method: str, url: str) -> str:
    """The URL may hold secrets, and be long: its digest stands for it."""
    return f"{KIND}:{blake2b(f'{_FORM} {method} {url}'.encode(), digest_size=16).hexdigest()}"


def _lower(headers: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in headers.items():
        key = name.lower()
        found[key] = f"{found[key]}, {value}" if key in found else value
    return found
