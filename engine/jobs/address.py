"""Where a request goes: a URL in its one canonical form, as browsers write it (WHATWG URL), and its host.

What comes out is sent as it stands: escapes are left alone, for signed URLs count every byte; empty parts go.
"""

import re
from functools import lru_cache
from ipaddress import IPv6Address
from socket import inet_aton, inet_ntoa
from typing import NamedTuple
from urllib.parse import quote, unquote

from yarl import URL

MAX_URL_CHARS = 8192
DEFAULT_PORTS = {"http": "80", "https": "443"}

_PARTS = re.compile(r"([^:/?#\\]*):[/\\]{2}([^/?#\\]*)([^?#]*)\??([^#]*)#?(.*)", re.DOTALL)
_CONTROLS = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
_SPACE_AROUND = "".join(map(chr, range(0x21)))
_DOTS = re.compile(r"/(?:\.|%2e){1,2}(?:/|$)", re.IGNORECASE)
_LABELS = re.compile(r"(?=.{1,254}$)[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?")
_NUMBER_AT_END = re.compile(r"(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$")
_PORT = re.compile(r"0*(\d{0,5})", re.ASCII)

# What WHATWG lets stand in each part, besides letters, digits, "-._~" and escapes.
_IN_PATH = "%/:@!$&'()*+,;=[]|^"
_IN_QUERY = "%/:@!$&()*+,;=?[]|^`{}\\"
_IN_FRAGMENT = "%/:@!$&'()*+,;=?[]|^{}\\#"
_IN_USER = "%!$&'()*+,;=:"


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
    scheme, authority, path, query, fragment = _split(url.strip(_SPACE_AROUND))
    place, host = _placed(scheme, authority)
    found = place + _path(path.replace("\\", "/"))
    if query:
        found += "?" + _legal(query, _IN_QUERY)
    if fragment:
        found += "#" + _legal(fragment, _IN_FRAGMENT)
    if len(found) > MAX_URL_CHARS:
        raise AddressError(f"the URL is longer than {MAX_URL_CHARS} characters")
    return Address(found, host)


def _split(url: str) -> tuple[str, str, str, str, str]:
    if len(url) > MAX_URL_CHARS:
        raise AddressError(f"the URL is longer than {MAX_URL_CHARS} characters")
    if _CONTROLS.search(url):
        raise AddressError("the URL contains control characters")
    scheme = url.partition(":")[0].lower()
    if scheme not in DEFAULT_PORTS and re.fullmatch(r"[a-z][a-z0-9+.-]*", scheme) and ":" in url:
        raise UnsupportedSchemeError("the URL's scheme is neither http nor https")
    found = _PARTS.fullmatch(url)
    if found is None or scheme not in DEFAULT_PORTS:
        raise AddressError("the URL does not begin with http:// or https:// and a host")
    return scheme, found[2], found[3], found[4], found[5]


@lru_cache(maxsize=4096)
def _placed(scheme: str, authority: str) -> tuple[str, str]:
    """The URL up to its path, and the host."""
    user, at, place = authority.rpartition("@")
    name, port = _parted(place)
    host = _host(name)
    written = f"[{host}]" if ":" in host else host
    port = _port(port)
    colon = f":{port}" if port and port != DEFAULT_PORTS[scheme] else ""
    return f"{scheme}://{_legal(user, _IN_USER)}{at if user else ''}{written}{colon}", host


def _parted(place: str) -> tuple[str, str]:
    if not place.startswith("["):
        name, _, port = place.partition(":")
        return name, port
    name, bracket, port = place.partition("]")
    if not bracket or port[:1] not in {"", ":"}:
        raise AddressError("the URL's IPv6 address is not closed by a bracket")
    return name + bracket, port[1:]


def _port(port: str) -> str:
    found = _PORT.fullmatch(port)
    number = int(found[1] or -1) if found else 0
    if port and not 0 < number <= 65535:
        raise AddressError("the URL's port is not a number from 1 to 65535")
    return found[1] if found else ""


def _host(name: str) -> str:
    if name.startswith("["):
        return _ipv6(name[1:-1])
    host = _ascii(unquote(name) if "%" in name else name).lower()
    if not host:
        raise AddressError("the URL has no host")
    if not _LABELS.fullmatch(host):
        raise AddressError("the URL's host is not a valid name")
    return _ipv4(host) if _NUMBER_AT_END.search(host) else host


def _ascii(name: str) -> str:
    if name.isascii():
        return name
    try:
        return URL.build(scheme="http", host=name).raw_host or ""
    except ValueError as error:
        raise AddressError("the URL's host is not a valid international name") from error


def _ipv4(host: str) -> str:
    """Browsers read octal, hexadecimal and shortened addresses, and take no other name that ends with a number."""
    try:
        return inet_ntoa(inet_aton(host.removesuffix(".")))
    except OSError as error:
        raise AddressError("the URL's host ends with a number and is no IPv4 address") from error


def _ipv6(text: str) -> str:
    try:
        address = IPv6Address(text.replace("%", " "))  # a zone means something on its own machine only
    except ValueError as error:
        raise AddressError("the URL's host is not a valid IPv6 address") from error
    mapped = int(address.ipv4_mapped or 0)  # Pythons differ in how they write these
    return f"::ffff:{mapped >> 16:x}:{mapped & 0xFFFF:x}" if address.ipv4_mapped else str(address)


def _path(path: str) -> str:
    path = _legal(path, _IN_PATH) or "/"
    return _without_dots(path) if _DOTS.search(path) else path


def _without_dots(path: str) -> str:
    kept: list[str] = []
    segments = [segment.lower().replace("%2e", ".") for segment in path.split("/")[1:]]
    for raw, segment in zip(path.split("/")[1:], segments, strict=True):
        if segment == "..":
            del kept[-1:]
        elif segment != ".":
            kept.append(raw)
    closing = "/" if segments[-1] in {".", ".."} and kept else ""
    return "/" + "/".join(kept) + closing


def _legal(part: str, legal: str) -> str:
    return quote(part, safe=legal)
