"""How much memory a fetch will want, learnt from those before it: per host and kind, the latest used.

A larger page counts at once, a smaller one for an eighth: what is too much comes back when the fetch ends, for what is
too little a fetch has to wait in the middle of a body.
"""

from engine.jobs.footprint import FLOOR_BYTES
from engine.jobs.outcome import Page
from engine.jobs.request import DEFAULT, Request

MOST_BYTES = 1024 * 1024
"""A fetch does not begin with more: what is rarely large would leave others waiting for nothing."""
KINDS = 4096
"""Remembered at most."""
FORGETTING = 8
LONGEST_KIND = 6

Kind = tuple[str, str, bool]
"""Host, what the URL ends with behind a dot, and whether the page is wanted whole."""


class Estimates:
    """Never below the floor. What it remembers costs about 250 bytes a kind."""

    __slots__ = ("_known",)

    def __init__(self) -> None:
        self._known: dict[Kind, int] = {}
        """The least lately learnt first."""

    def __len__(self) -> int:
        return len(self._known)

    def of(self, kind: Kind) -> int:
        return self._known.get(kind, FLOOR_BYTES)

    def learn(self, kind: Kind, page: Page) -> None:
        """What a page took: its body as it came in, and in one piece."""
        took = min(FLOOR_BYTES + 2 * page.size, MOST_BYTES)
        known = self._known.pop(kind, FLOOR_BYTES)
        self._known[kind] = took if took >= known else known - (known - took) // FORGETTING
        if len(self._known) > KINDS:
            del self._known[next(iter(self._known))]


def kind_of(request: Request) -> Kind:
    end = request.url[-LONGEST_KIND - 1 :]
    dot = end.rfind(".")
    is_whole = request.options is not DEFAULT and request.options.wants_extraction
    return (request.host, end[dot:] if dot > end.rfind("/") else "", is_whole)
