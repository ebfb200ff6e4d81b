"""Which databases a URL may name: a file, or a PostgreSQL server that several processes share."""

from typing import Literal
from urllib.parse import urlsplit

SQLITE = "sqlite:///"
POSTGRESQL = "postgresql://"
SERVER_SCHEMES = (POSTGRESQL, "postgres://", "postgresql+asyncpg://")
EITHER = f"{SQLITE}PATH or {POSTGRESQL}USER:PASSWORD@HOST:PORT/NAME"

Pooler = Literal["none", "transaction"]


def is_server(url: str) -> bool:
    return url.startswith(SERVER_SCHEMES)


def checked(url: str) -> str:
    """Servers in one spelling. Raises ValueError, without the URL in it, for what is neither."""
    return server(url) if is_server(url) else _file(url)


def server(url: str) -> str:
    """In one spelling. Raises ValueError, without the URL in it, for what names no server's database."""
    if not is_server(url) or not _is_whole(url):
        raise ValueError(
            f"should be {POSTGRESQL}USER:PASSWORD@HOST:PORT/NAME; percent-encode what is special in the password"
        )
    return POSTGRESQL + url.split("://", 1)[1]


def _is_whole(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return bool(parts.hostname) and parts.port != 0 and bool(parts.path.strip("/")) and not parts.fragment
    except ValueError:  # a port that is none
        return False


def _file(url: str) -> str:
    path = url.removeprefix(SQLITE)
    if path == url or "?" in path or path.endswith(("/", ":memory:")) or not path:
        raise ValueError(f"should be {EITHER}; {SQLITE}PATH is the path of a file, without options")
    return url
