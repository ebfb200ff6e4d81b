"""The headers that go out and come in.

What frames a message is the client's to say, never the user's; what comes in is text a database takes.
"""

import re
from collections.abc import Mapping

from multidict import CIMultiDict

from engine.fetch.answer import Fields, Headers
from engine.fetch.problem import ProblemError
from engine.jobs.outcome import ErrorType
from engine.jobs.request import FRAMING_HEADERS, Options

_WRITTEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+:[^\x00-\x08\x0a-\x1f\x7f\ud800-\udfff]*")

CODINGS = frozenset({"gzip", "deflate", "identity"})
ACCEPT_ENCODING = "gzip, deflate"

HARMLESS = frozenset(
    {"accept", "accept-encoding", "accept-language", "cache-control", "content-type", "dnt", "pragma", "user-agent"}
)
"""What a user's request may show to a site it was redirected to; anything else may be a secret."""


def standing(user_agent: str) -> dict[str, str]:
    """What goes with every request that has none of its own."""
    return {"User-Agent": user_agent, "Accept": "*/*", "Accept-Encoding": ACCEPT_ENCODING}


def outgoing(given: Mapping[str, str], options: Options) -> CIMultiDict[str]:
    """The user's headers as they may be sent; User-Agent and Accept-Encoding only where they differ from ours.

    Raises ProblemError when one of them cannot be written.
    """
    headers = CIMultiDict((name, value) for name, value in given.items() if name.lower() not in FRAMING_HEADERS)
    if options.user_agent is not None:
        headers["User-Agent"] = options.user_agent
    if not all(map(_WRITTEN.fullmatch, map(":".join, headers.items()))):
        raise ProblemError(ErrorType.INTERNAL, "a header of the request cannot be written", may_have_left=False)
    if "Accept-Encoding" in headers:
        headers["Accept-Encoding"] = _undoable(headers["Accept-Encoding"])
    return headers


def _undoable(accepted: str) -> str:
    """A site may not answer in a coding that we cannot undo within bounds."""
    kept = [each.strip() for each in accepted.split(",") if each.partition(";")[0].strip().lower() in CODINGS]
    return ", ".join(kept) or "identity"


def incoming(headers: Headers) -> tuple[tuple[str, str], ...]:
    if isinstance(headers, Fields):
        return headers.pairs
    return tuple([(name, value if value.isascii() else cleaned(value)) for name, value in headers.items()])


def cleaned(value: str) -> str:
    """Bytes beyond ASCII are read as UTF-8 where they are, else as Latin-1."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape").decode("latin-1")
    return value
