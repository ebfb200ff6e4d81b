"""The kinds of values a request is made of. Each checks more than a type, and its schema says what it checks."""

import re
from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field, PlainValidator, WithJsonSchema

from engine.jobs.address import MAX_URL_CHARS, Address, canonical
from engine.jobs.request import FRAMING_HEADERS


def _in_any_case(name: str) -> str:
    """As a regular expression without flags, which JSON Schema has none of."""
    return "".join(f"[{letter.upper()}{letter}]" if letter.isalpha() else letter for letter in name)


DEEPEST = 32
MOST_ENTRIES = 1000
MOST_HEADERS = 100
LONGEST_HEADER = 8192
HEADERS_LIMIT = 32 * 1024
HEADER_NAME = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}$"
FRAMING = f"^({'|'.join(_in_any_case(name) for name in sorted(FRAMING_HEADERS))})$"
HEADER_VALUE = r"^([!-~\u0080-\u00ff]([\t -~\u0080-\u00ff]*[!-~\u0080-\u00ff])?)?$"

_NAME = re.compile(HEADER_NAME[1:-1])
_VALUE = re.compile(HEADER_VALUE[1:-1])
_PROXY = re.compile(r"http://[^/?#]+/")


def _address(value: object) -> Address:
    if isinstance(value, str):
        return canonical(value)
    raise ValueError("should be text")


def _object(value: object) -> Mapping[str, Any]:
    if isinstance(value, dict):
        return value
    raise ValueError("should be an object")


def _headers(value: object) -> Mapping[str, str]:
    headers = _object(value)
    if len(headers) > MOST_HEADERS:
        raise ValueError(f"there may be at most {MOST_HEADERS}")
    for name, text in headers.items():
        _check_header(name, text)
    if sum(map(len, headers)) + sum(map(len, headers.values())) > HEADERS_LIMIT:
        raise ValueError(f"they may have at most {HEADERS_LIMIT} characters together")
    if len({name.lower() for name in headers}) < len(headers):
        raise ValueError("a name may stand once, in whatever case")
    return headers


def _check_header(name: str, value: object) -> None:
    shown = name[:100]
    if not _NAME.fullmatch(name):
        raise ValueError(f"{shown!r} is no header name")
    if name.lower() in FRAMING_HEADERS:
        raise ValueError(f"{shown} is not yours to set: it frames the message")
    if not isinstance(value, str) or len(value) > LONGEST_HEADER or not _VALUE.fullmatch(value):
        raise ValueError(f"the value of {shown} is no header value of at most {LONGEST_HEADER} characters")


def _tree(value: object) -> Mapping[str, Any]:
    """Any JSON object of a depth that everybody downstream can walk."""
    tree = _object(value)
    if len(tree) > MOST_ENTRIES:
        raise ValueError(f"there may be at most {MOST_ENTRIES} entries")
    level: list[Any] = list(tree.values())
    for _ in range(DEEPEST):
        level = [each for value in level for each in _inside(value)]
    if level:
        raise ValueError(f"may be nested at most {DEEPEST} deep")
    return tree


def _inside(value: object) -> list[Any]:
    if isinstance(value, dict):
        return list(value.values())
    return value if isinstance(value, list) else []


def _integer(value: object) -> object:
    """In JSON 3.0 is an integer too; a parameter's text is left to pydantic."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _proxy(value: str) -> str:
    url = canonical(value).url
    if not _PROXY.fullmatch(url):
        raise ValueError("should be http://[user:password@]host[:port]; other schemes are not built in yet")
    return url


def only(*accepted: Any, what: str) -> Any:
    """The values a field may have while `what` is not built in."""

    def check(value: Any) -> Any:
        if any(type(value) is type(each) and value == each for each in accepted):
            return value
        raise ValueError(f"{what} is not built in yet")

    return (PlainValidator(check), WithJsonSchema({"enum": list(accepted)}))


Url = Annotated[
    Address,
    PlainValidator(_address),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": MAX_URL_CHARS, "format": "http-url"}),
]
Headers = Annotated[
    Mapping[str, str],
    PlainValidator(_headers),
    WithJsonSchema(
        {
            "type": "object",
            "maxProperties": MOST_HEADERS,
            "propertyNames": {"pattern": HEADER_NAME, "not": {"pattern": FRAMING}},
            "additionalProperties": {"type": "string", "maxLength": LONGEST_HEADER, "pattern": HEADER_VALUE},
        }
    ),
]
Tree = Annotated[
    Mapping[str, Any], PlainValidator(_tree), WithJsonSchema({"type": "object", "maxProperties": MOST_ENTRIES})
]
Integer = Annotated[int, BeforeValidator(_integer)]
KEY = "^[!-~]{1,255}$"
Key = Annotated[str, Field(pattern=KEY)]
JobId = Annotated[str, Field(pattern="^job_[0-9A-Za-z-]{1,64}$")]
Parallel = Annotated[int, Field(ge=1, le=1000), BeforeValidator(_integer)]
NO_NUL = {"pattern": "^[^\\u0000]*$"}
Tag = Annotated[str, Field(min_length=1, max_length=100, json_schema_extra=NO_NUL)]
Text = Annotated[str, Field(min_length=1, max_length=1000, json_schema_extra=NO_NUL)]
UserAgent = Annotated[str, Field(min_length=1, max_length=512, pattern=r"^[!-~]([ -~]*[!-~])?$")]
Proxy = Annotated[str, Field(max_length=2048, json_schema_extra={"format": "http-proxy"}), AfterValidator(_proxy)]
