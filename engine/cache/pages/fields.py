"""Fields of a response's head, as pairs of names and values."""

from collections.abc import Container
from datetime import UTC
from email.utils import parsedate_to_datetime
from functools import lru_cache

Headers = tuple[tuple[str, str], ...]

CONNECTIONS = frozenset(
    {
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authentication-info",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "transfer-encoding",
        "upgrade",
    }
)
"""They belong to one connection and are not kept, nor is what Connection names (RFC 9111, 3.1)."""
CONTENT = frozenset({"content-encoding", "content-length", "content-range", "content-type"})
"""They describe the kept body, which a 304 does not replace (RFC 9111, 3.2)."""


def value_of(headers: Headers, name: str) -> str | None:
    """Several lines are one list (RFC 9110, 5.3). `name` is in lower case."""
    found = [value for each, value in headers if each.lower() == name]
    return ", ".join(found) if found else None


def members_of(field: str | None) -> list[str]:
    """Of a comma-separated list, in lower case."""
    return [member for each in (field or "").split(",") if (member := each.strip().lower())]


def without(headers: Headers, names: Container[str]) -> Headers:
    return tuple(each for each in headers if each[0].lower() not in names)


def without_connection(headers: Headers) -> Headers:
    return without(headers, CONNECTIONS.union(members_of(value_of(headers, "connection"))))


def updated(headers: Headers, newer: Headers) -> Headers:
    """What a 304 says takes the place of what was said before (RFC 9111, 3.2)."""
    taken = without(without_connection(newer), CONTENT)
    return without(headers, {name.lower() for name, _ in taken}) + taken


@lru_cache(maxsize=512)
def moment_of(text: str | None) -> float | None:
    """Of an HTTP date (RFC 9110, 5.6.7), in epoch seconds; None if it is none."""
    try:
        moment = parsedate_to_datetime(text or "")
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError, IndexError):
        return None
