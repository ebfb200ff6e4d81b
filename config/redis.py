"""Which servers of the cache a URL may name: one Redis, or some nodes of a cluster."""

from urllib.parse import SplitResult, parse_qsl, urlsplit

REMOTE = ("redis", "rediss")
SHAPE = "redis://USER:PASSWORD@HOST:PORT/DB, rediss:// for TLS, or unix://PATH"
OPTIONS = ("ssl_", "db")


def server(url: str) -> str:
    """Raises ValueError, without the URL in it, for what names no server."""
    parts = _split(url)
    is_named = bool(parts.path.strip("/")) if parts.scheme == "unix" else _is_remote(parts)
    if not is_named or not _has_known_options(parts):
        raise ValueError(f"should be {SHAPE}; percent-encode what is special in the password")
    return url


def nodes(urls: tuple[str, ...]) -> tuple[str, ...]:
    """As above; nodes of one cluster: what stands in the first but the place holds for all."""
    parts = [_split(url) for url in urls]
    if not all(_is_remote(each) and _has_known_options(each) and each.path in {"", "/", "/0"} for each in parts):
        raise ValueError("should be redis://USER:PASSWORD@HOST:PORT of some nodes; a cluster has one database, 0")
    if len({(each.scheme, each.username, each.password, each.query) for each in parts}) > 1:
        raise ValueError("the nodes of a cluster have the same scheme, user, password and options")
    return urls


def _split(url: str) -> SplitResult:
    try:
        return urlsplit(url)
    except ValueError:
        return urlsplit("")


def _is_remote(parts: SplitResult) -> bool:
    try:
        is_placed = bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is none
        return False
    database = parts.path.strip("/")
    return parts.scheme in REMOTE and is_placed and not parts.fragment and (not database or database.isdecimal())


def _has_known_options(parts: SplitResult) -> bool:
    return all(name.startswith(OPTIONS) for name, _ in parse_qsl(parts.query, keep_blank_values=True))
