"""How long a page is fresh, and how old it is (RFC 9111, 4.2). Pure; all times in epoch seconds of one clock.

There is no heuristic freshness (4.2.2): a page whose site does not say how long it is fresh never is.
"""

from engine.cache.pages.directives import Directives
from engine.cache.pages.fields import Headers, moment_of, value_of

MOST_AGE_S = 2**31


def lifetime_s(headers: Headers, said: Directives, *, came_at: float) -> float:
    """From its making on (4.2.1): what is said to shared caches, to all, and by date, in this order."""
    for name in ("s-maxage", "max-age"):
        seconds = said.seconds(name)
        if seconds is not None:
            return seconds
    expires = value_of(headers, "expires")
    if expires is None:
        return 0.0
    ends_at, made_at = moment_of(expires), moment_of(value_of(headers, "date"))
    return 0.0 if ends_at is None else max(0.0, ends_at - (came_at if made_at is None else made_at))


def born_at(headers: Headers, *, asked_at: float, came_at: float) -> float:
    """From when its age is counted (4.2.3): the older of what its Date and what its Age say."""
    made_at = moment_of(value_of(headers, "date"))
    apparent_s = 0.0 if made_at is None else max(0.0, came_at - made_at)
    return came_at - max(apparent_s, _age_s(headers) + max(0.0, came_at - asked_at))


def _age_s(headers: Headers) -> float:
    """The first of several counts, and what is no number does not (5.1)."""
    age = (value_of(headers, "age") or "").partition(",")[0].strip()
    return min(float(age[:11]), MOST_AGE_S) if age.isascii() and age.isdigit() else 0.0
