"""Where a request goes: a URL in its one canonical form, as browsers write it (WHATWG URL), and its host.

What comes out is sent as it stands: escapes are left alone, for signed URLs count every byte; empty parts go.
"""

import re
from typing import NamedTuple

from ada_url import normalize_url

MAX_URL_CHARS = 8192
SCHEMES = frozenset({"http", "https"})

_CONTROLS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_SPACE_AROUND = "".join(map(chr, range(0x21)))
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_SOUND = re.compile(r"[Hh][Tt][Tt][Pp][Ss]?:[/\\]{2}[^/?#\\\x00-\x1f\x7f\ud800-\udfff][^\x00-\x1f\x7f\ud800-\udfff]*")
"""Most of what _check lets pass, seen at once."""
_OCTET = "(?:25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])"
_PLAIN = "A-Za-z0-9._~!$&()*+,;=:@/%-"
_CANONICAL = re.compile(
    "https?://"
    rf"({_OCTET}(?:\.{_OCTET}){{3}}|(?=[^:/]{{1,253}}[:/])(?:(?!xn--)[a-z0-9_-]{{1,63}}\.)*(?!xn--)[a-z][a-z-]{{0,62}})"
    "(?::(?!80/|443/)(?:[1-9][0-9]{0,3}|[1-5][0-9]{4}))?"
    rf"(?![^?]*(?:/\.|%2[Ee]))/[{_PLAIN}]*"
    rf"(?:\?[?{_PLAIN}]+)?"
)
"""Most of what is canonical as it was written, and its host: the parser would leave it as it is."""
_HOST_FOLLOWS = re.compile(r":[/\\]{2}[^/?#\\]")
_LABELS = re.compile(r"(?=.{1,254}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?")
"""What a name server can be asked for (RFC 1035, 2.3.4), and underscores."""


class AddressError(ValueError):
    """The URL cannot be fetched."""


class UnsupportedSchemeError(AddressError):
    """The URL's scheme is neither http nor https."""


class Address(NamedTuple):
    """`host` is in lower case, in punycode, an IPv6 address without its brackets."""

    url: str
    host: str


def canonical(url: str) -> Address:
    """Raises AddressError, or UnsupportedSchemeError, with a message for who wrote the URL."""
    if (is_so := _CANONICAL.fullmatch(url)) and len(url) <= MAX_URL_CHARS:
        return Address(url, is_so[1])
    url = url.strip(_SPACE_AROUND)
    _check(url)
    try:
        found = _without_empty_parts(normalize_url(url))
    except ValueError as error:
        raise AddressError("the URL's host or port is not valid") from error
    if len(found) > MAX_URL_CHARS:
        raise AddressError(f"the URL is longer than {MAX_URL_CHARS} characters")
    return Address(found, _host(found))


def _check(url: str) -> None:
    """Browsers mend more than this; whoever wrote it should know."""
    if len(url) > MAX_URL_CHARS:
        raise AddressError(f"the URL is longer than {MAX_URL_CHARS} characters")
    if _SOUND.fullmatch(url):
        return
    if _CONTROLS.search(url):
        raise AddressError("the URL contains control characters")
    scheme = _SCHEME.match(url)
    if scheme is not None and scheme[1].lower() not in SCHEMES:
        raise UnsupportedSchemeError("the URL's scheme is neither http nor https")
    if scheme is None or not _HOST_FOLLOWS.match(url, scheme.end() - 1):
        raise AddressError("the URL does not begin with http:// or https:// and a host")


def _without_empty_parts(url: str) -> str:
    start, _, fragment = url.partition("#")
    if start[-1] == "?" and start.count("?") == 1:
        start = start[:-1]
    return f"{start}#{fragment}" if fragment else start


def _host(url: str) -> str:
    """Of a canonical URL, whose authority has no surprises left."""
    place = url.split("/", 3)[2].rpartition("@")[2]
    if place.endswith(":0"):
        raise AddressError("the URL's port is not a number from 1 to 65535")
    if place[0] == "[":
        return place[1 : place.index("]")]
    host = place.partition(":")[0]
    if not _LABELS.fullmatch(host):
        raise AddressError("the URL's host is not a valid name")
    return host
