"""One request on its way: where it goes and what it carries; a redirect makes the next hop of it.

What a hop carries to another origin is harmless (RFC 9110, 15.4, and the Fetch standard).
"""

import re
from base64 import b64encode
from typing import NamedTuple
from urllib.parse import unquote, urljoin

from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

from engine.fetch.content import body_of, with_params
from engine.fetch.headers import HARMLESS, outgoing
from engine.fetch.problem import ProblemError
from engine.jobs.address import AddressError, UnsupportedSchemeError, canonical
from engine.jobs.outcome import ErrorType
from engine.jobs.request import Request

REDIRECTS = frozenset({301, 302, 303, 307, 308})
NO_HEADERS: CIMultiDictProxy[str] = CIMultiDictProxy(CIMultiDict())
_ESCAPED = re.compile("[\udc80-\udcff]")


class Hop(NamedTuple):
    """`address` is its URL, without user, password and fragment."""

    method: str
    address: str
    headers: CIMultiDict[str] | CIMultiDictProxy[str] = NO_HEADERS
    body: bytes | None = None

    @property
    def url(self) -> URL:
        return URL(self.address, encoded=True)

    @staticmethod
    def of(request: Request) -> "Hop":
        """Raises ProblemError when the parameters make the URL too long, or a header or the data cannot be written."""
        url = with_params(request.url, request.params) if request.params else request.url
        if not request.headers and not request.data and request.options.user_agent is None and "@" not in url:
            return Hop(request.method, url.partition("#")[0])
        headers = outgoing(request.headers, request.options)
        body = body_of(request.data, headers) if request.data else None
        return Hop(request.method, _bare(url, headers), headers, body)

    def redirected(self, status: int, location: str) -> "Hop":
        """The request that this answer asks for. Raises ProblemError when it points nowhere."""
        target = _target(self.address, location)
        headers = CIMultiDict(self.headers)
        if URL(target, encoded=True).origin() != self.url.origin():
            headers = CIMultiDict((name, value) for name, value in headers.items() if name.lower() in HARMLESS)
        address = _bare(target, headers)
        if not _becomes_get(status, self.method):
            return self._replace(address=address, headers=headers)
        headers = CIMultiDict(each for each in headers.items() if not each[0].lower().startswith("content-"))
        return Hop("GET", address, headers)


def _becomes_get(status: int, method: str) -> bool:
    return (status == 303 and method not in {"GET", "HEAD"}) or (status in {301, 302} and method == "POST")


def _target(base: str, location: str) -> str:
    """Bytes of the header that are no UTF-8 are escaped as they are."""
    written = _ESCAPED.sub(lambda found: f"%{ord(found[0]) - 0xDC00:02X}", location)
    try:
        return canonical(urljoin(base, written)).url
    except UnsupportedSchemeError as error:
        raise ProblemError(ErrorType.UNSUPPORTED_SCHEME, f"redirected: {error}") from error
    except AddressError as error:
        raise ProblemError(ErrorType.INVALID_URL, f"redirected: {error}") from error
    except ValueError as error:
        raise ProblemError(ErrorType.INVALID_URL, "redirected: the URL cannot be read") from error


def _bare(url: str, headers: CIMultiDict[str]) -> str:
    """Credentials of the URL become a header, unless there is one; then redirects treat both alike."""
    bare = url.partition("#")[0]
    if "@" not in bare:
        return bare
    parsed = URL(bare, encoded=True)
    if parsed.raw_user is None and parsed.raw_password is None:
        return bare
    if "Authorization" not in headers:
        secret = f"{unquote(parsed.raw_user or '')}:{unquote(parsed.raw_password or '')}"
        headers["Authorization"] = f"Basic {b64encode(secret.encode()).decode()}"
    return str(parsed.with_user(None))
