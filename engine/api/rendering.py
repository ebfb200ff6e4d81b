"""Values as JSON answers."""

from collections.abc import Mapping

import orjson

from engine.api.written import NONE, Written

NDJSON = "application/x-ndjson"
PIECE = 4096
"""Characters of a text that are escaped at a time."""


def json_answer(value: object, *, status: int = 200, headers: Mapping[str, str] = NONE) -> Written:
    return Written(rendered(value), status=status, headers=headers)


def rendered(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)


def quoted(text: str) -> str | orjson.Fragment:
    """What to put in its place in a value: orjson takes room for eight bytes of each character before it writes a text.

    For a page of 80 KB that is 1 MB of the heap, most of which is never touched, and no longer in one piece thereafter.
    """
    if len(text) <= PIECE:
        return text
    escaped = [orjson.dumps(text[at : at + PIECE])[1:-1] for at in range(0, len(text), PIECE)]
    return orjson.Fragment(b'"%b"' % b"".join(escaped))
