"""What a fetch comes to: a Page or a Failure. Values, not exceptions: what the web does is no error of ours."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import chain
from sys import getsizeof
from typing import ClassVar

from engine.jobs.stages import Times


class ErrorType(StrEnum):
    """The one vocabulary of failures, as users read it in `error_type`."""

    INVALID_URL = "invalid_url"
    UNSUPPORTED_SCHEME = "unsupported_scheme"
    DNS = "dns"
    CONNECT = "connect"
    CONNECT_TIMEOUT = "connect_timeout"
    TLS = "tls"
    READ_TIMEOUT = "read_timeout"
    TOTAL_TIMEOUT = "total_timeout"
    CONNECTION_LOST = "connection_lost"
    TOO_MANY_REDIRECTS = "too_many_redirects"
    BODY_TOO_LARGE = "body_too_large"
    BAD_ENCODING = "bad_encoding"
    HTTP_4XX = "http_4xx"
    HTTP_5XX = "http_5xx"
    ROBOTS = "robots"
    BLOCKED_ADDRESS = "blocked_address"
    NOT_CACHED = "not_cached"
    CANCELLED = "cancelled"
    POISON = "poison"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunks:
    """A large body that was written to the store while it arrived: rows (job, fence, 0..count-1)."""

    count: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Extraction:
    """What was taken out of a page; absent parts were not asked for."""

    text: str | None = None
    links: tuple[str, ...] | None = None
    images: tuple[str, ...] | None = None
    fields: dict[str, str | list[str] | None] | None = None

    @property
    def weight(self) -> int:
        """Bytes in memory."""
        found = chain((self.text,), self.links or (), self.images or (), *map(_values, (self.fields or {}).values()))
        return sum(map(getsizeof, found))


def _values(field: str | list[str] | None) -> Iterable[str | None]:
    return field if isinstance(field, list) else (field,)


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """A final response, whatever its status code. `body` is decoded of Content-Encoding; empty if kept in chunks."""

    status_code: int
    final_url: str
    headers: tuple[tuple[str, str], ...]
    content_type: str
    charset: str | None
    """A Python codec name found by BOM, header, meta, fallback; None for what is not text."""
    body: bytes
    size: int
    """Decoded bytes, in `body` or in chunks."""
    elapsed_s: float
    """From the request to the body's last byte."""
    chunks: Chunks | None = None
    extraction: Extraction | None = None
    retry_after_s: float | None = None
    """What the site asked for, if it did (RFC 9110, 10.2.3)."""
    from_cache: bool = False
    """The body is one that was kept, whether or not the site was asked if it still holds."""
    redirected: bool = field(default=False, compare=False)
    """Other URLs led to `final_url`, or it led to itself. Known where it was fetched only."""
    times: Times | None = field(default=None, compare=False)

    @property
    def weight(self) -> int:
        """Bytes of the body it carries, and of what was taken out of it."""
        return len(self.body) + (self.extraction.weight if self.extraction is not None else 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """No response to keep. `may_have_left` says whether the request can have reached the site."""

    error_type: ErrorType
    message: str
    may_have_left: bool
    elapsed_s: float = 0.0
    kept_waiting_s: float = field(default=0.0, compare=False)
    """For how long we did not read what the site sent, all in all."""
    times: Times | None = field(default=None, compare=False)
    weight: ClassVar[int] = 0


Outcome = Page | Failure
