"""Values as JSON answers."""

from collections.abc import Mapping

import orjson

from engine.api.written import NONE, Written

NDJSON = "application/x-ndjson"


def json_answer(value: object, *, status: int = 200, headers: Mapping[str, str] = NONE) -> Written:
    return Written(rendered(value), status=status, headers=headers)


def rendered(value: object) -> bytes:
    return orjson.dumps(value, option=orjson.OPT_UTC_Z)
