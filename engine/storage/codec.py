"""What stands in the tables as JSON. Nothing that is default is written, and text is what both databases can keep."""

import re
from collections.abc import Mapping, Sequence
from operator import attrgetter
from typing import Any

import orjson

from engine.errors import RefusedDataError
from engine.jobs.outcome import Extraction
from engine.jobs.request import DEFAULT, NOTHING, REQUESTS, Options, Request, Selector
from engine.jobs.stages import Spent, Stage, together
from engine.jobs.trace import TraceContext

_NUL = re.compile(rb"(?<!\\)(?:\\\\)*\\u0000")
_PARTS = ("headers", "params", "data")
_OPTIONS = {name: getattr(DEFAULT, name) for name in Options.__dataclass_fields__ if name != "extract"}
_VALUES = attrgetter(*_OPTIONS)
_DEFAULTS = _VALUES(DEFAULT)
_SELECTOR = {name: getattr(Selector(), name) for name in Selector.__dataclass_fields__}
_STAGES = len(Stage)
_EXTRACTION = tuple(Extraction.__dataclass_fields__)


def dumps(value: Any) -> str:
    """Raises RefusedDataError for U+0000, a lone surrogate, a number over 64 bits."""
    try:
        found = orjson.dumps(value, default=_plain)
    except orjson.JSONEncodeError as error:
        raise RefusedDataError(f"the database refuses a value: {error}") from error
    if b"\\u0000" in found and _NUL.search(found):
        refuse_nul()
    return found.decode()


def refuse_nul() -> None:
    raise RefusedDataError("the database refuses a value: text with U+0000")


def encode_request(request: Request) -> str | None:
    """All but URL, host and method, which are columns; None where the rest is default."""
    found: dict[str, Any] = {}
    if request.headers or request.params or request.data:
        found = {name: part for name in _PARTS if (part := getattr(request, name))}
    if request.options is not DEFAULT and (options := _encode_options(request.options)):
        found["options"] = options
    if request.trace is not None:
        found["trace"] = _encode_trace(request.trace)
    return dumps(found) if found else None


def decode_request(*, url: str, host: str, method: str, rest: Mapping[str, Any] | None) -> Request:
    """`rest` is what encode_request made, parsed."""
    if rest is None:
        return REQUESTS.one(url, host, method, NOTHING, NOTHING, NOTHING, DEFAULT, None)
    parts = [rest.get(name, NOTHING) for name in _PARTS]
    options, trace = rest.get("options"), rest.get("trace")
    return REQUESTS.one(
        url,
        host,
        method,
        *parts,
        DEFAULT if options is None else _decode_options(options),
        None if trace is None else TraceContext(*trace),
    )


def encode_extraction(extraction: Extraction) -> str:
    parts = {name: getattr(extraction, name) for name in _EXTRACTION}
    return dumps({name: part for name, part in parts.items() if part is not None})


def decode_extraction(text: str | None) -> Extraction | None:
    if text is None:
        return None
    parts = orjson.loads(text)
    for name in ("links", "images"):
        if name in parts:
            parts[name] = tuple(parts[name])
    return Extraction(**parts)


def encode_tags(tags: tuple[str, ...]) -> str | None:
    return dumps(tags) if tags else None


def decode_tags(text: str | None) -> tuple[str, ...]:
    return tuple(orjson.loads(text)) if text else ()


def decode_headers(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in orjson.loads(text))


def stages_of(last: Spent | None, *, before: Spent) -> Sequence[Any] | None:
    """To be JSON: a list, or of what was tried again two: the last attempt's, and that of all together."""
    return last if last is None or not before else (last, together(before, last))


def encode_stages(last: Spent | None, *, before: Spent) -> str | None:
    """As JSON."""
    return None if last is None else orjson.dumps(stages_of(last, before=before)).decode()


def decode_stages(found: Sequence[Any]) -> tuple[Spent, Spent]:
    """`found` is what encode_stages made, parsed: the last attempt's and that of all together, whole."""
    return _whole(found[0] if isinstance(found[0], list) else found), decode_total(found)


def decode_total(found: Sequence[Any]) -> Spent:
    """As above, of all together."""
    return _whole(found[1] if isinstance(found[0], list) else found)


def _whole(spent: Sequence[int]) -> Spent:
    """An earlier release may have known fewer stages."""
    return tuple(spent) if len(spent) == _STAGES else (*spent, *[0] * (_STAGES - len(spent)))


def _encode_trace(trace: TraceContext) -> list[str]:
    return [trace.traceparent, trace.tracestate] if trace.tracestate else [trace.traceparent]


def _encode_options(options: Options) -> dict[str, Any]:
    found = {} if _VALUES(options) == _DEFAULTS else _changed(options, _OPTIONS)
    if options.extract:
        found["extract"] = {name: _changed(selector, _SELECTOR) for name, selector in options.extract.items()}
    return found


def _decode_options(found: Mapping[str, Any]) -> Options:
    if "extract" not in found:
        return Options(**found)
    selectors = {name: Selector(**parts) for name, parts in found["extract"].items()}
    return Options(**{**found, "extract": selectors})


def _changed(value: Options | Selector, defaults: Mapping[str, Any]) -> dict[str, Any]:
    return {name: is_now for name, default in defaults.items() if (is_now := getattr(value, name)) != default}


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON")
