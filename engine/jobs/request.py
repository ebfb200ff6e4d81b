"""What a user asks to have fetched, and how.

A request is checked before it becomes one of these (engine.api.models); from here on it is trusted.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from engine.jobs.mould import Mould
from engine.jobs.trace import TraceContext

UNSAFE_METHODS = frozenset({"POST", "PATCH"})
FRAMING_HEADERS = frozenset(
    {
        "connection",
        "content-length",
        "expect",
        "keep-alive",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    }
)
"""They frame a message (RFC 9112, 6) or its connection (RFC 9110, 7.6.1): the client's to say, not a user's."""
CacheMode = Literal["default", "bypass", "only"]
"""Whether a kept page may answer: where it holds; never, and none is kept; always, and no site is asked."""
NOTHING: Mapping[str, Any] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Selector:
    """One named field to take out of a page: exactly one of css, xpath, regex."""

    css: str | None = None
    xpath: str | None = None
    regex: str | None = None
    attr: str | None = None
    all: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """How one request is fetched; the defaults of a running system come from its settings."""

    timeout_s: float = 30.0
    """Bounds one attempt, 1 to 300 s."""
    max_retries: int = 3
    delay_between_retries_s: float = 1.0
    retry_unsafe: bool = False
    """May POST and PATCH be sent again once they may have left?"""
    max_body_bytes: int = 10 * 1024 * 1024
    """Decoded bytes."""
    user_agent: str | None = None
    proxy: str | None = None
    cache: CacheMode = "default"
    extract_text: bool = False
    extract_links: bool = False
    extract_images: bool = False
    extract: Mapping[str, Selector] = field(default_factory=lambda: NOTHING)

    @property
    def wants_extraction(self) -> bool:
        return self.extract_text or self.extract_links or self.extract_images or bool(self.extract)


DEFAULT = Options()


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One HTTP request to make. `url` is canonical (WHATWG URL), http or https; `host` is its host in lower case."""

    url: str
    host: str
    method: str = "GET"
    headers: Mapping[str, str] = field(default_factory=lambda: NOTHING)
    params: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    data: Mapping[str, Any] = field(default_factory=lambda: NOTHING)
    options: Options = DEFAULT
    trace: TraceContext | None = None
    """Of who asked for it; the site is not told."""

    @property
    def may_repeat(self) -> bool:
        """May it be sent again after it may have left? (RFC 9110, 9.2.2: idempotent methods may.)"""
        return self.method not in UNSAFE_METHODS or self.options.retry_unsafe


REQUESTS = Mould(Request, ("url", "host", "method", "headers", "params", "data", "options", "trace"))
