"""Finds the encoding of a text as browsers do: BOM, header, own declaration, UTF-8 if it is, else Windows-1252.

Names are Python's, found by the labels of WHATWG Encoding; what is not text has none.
"""

import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE, getincrementaldecoder
from enum import Enum
from functools import lru_cache

import webencodings  # type: ignore[import-untyped]  # has no stubs here

PRESCAN_BYTES = 1024
FALLBACK = "cp1252"
WIDER = {"gbk": "gb18030", "shift_jis": "cp932", "euc-kr": "cp949", "big5": "big5hkscs", "x-user-defined": FALLBACK}
"""What the web means by these is more than what Python's codecs of the same name know."""

_BOMS = ((BOM_UTF8, "utf-8-sig"), (BOM_UTF16_BE, "utf-16"), (BOM_UTF16_LE, "utf-16"))
_MARKS = tuple(mark for mark, _ in _BOMS)
_WIDE_XML = ((b"<\0?\0x\0", "utf-16-le"), (b"\0<\0?\0x", "utf-16-be"))
_VALUE = r"""\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s;"'>]+))"""
_IN_HEADER = re.compile(r";\s*charset" + _VALUE, re.IGNORECASE)
_IN_CONTENT = re.compile(r"charset" + _VALUE, re.IGNORECASE)
_IN_XML = re.compile(rb"""<\?xml\s[^>]*?\bencoding\s*=\s*["']([A-Za-z][\w.-]*)["']""")
_COMMENT = re.compile(rb"<!--.*?(?:-->|$)", re.DOTALL)
_META = re.compile(r"<meta[\s/]([^>]*)", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([^\s=/>"']+)(?:\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+)))?""")
_CONTROLS = re.compile(rb"[\x00-\x08\x0b\x0e-\x1a\x1c-\x1f]")


class Kind(Enum):
    """What a content type says of a body."""

    BINARY = re.compile(r"(?!)")
    JSON = re.compile(r"(?:application|text)/(?:.+\+)?(?:json|x-ndjson)")
    MARKUP = re.compile(r"text/(?:html|xml)|application/xml|.+\+xml")
    TEXT = re.compile(r"text/.+|application/(?:(?:x-)?(?:java|ecma)script|x-www-form-urlencoded)")


def charset_of(content_type: str, start: bytes, *, is_whole: bool) -> str | None:
    """The codec of the body that begins with `start`; None if it is no text."""
    kind, declared = _read(content_type) if content_type else (_sniffed(start), None)
    if kind is Kind.BINARY:
        return None
    if start.startswith(_MARKS):
        return next(name for mark, name in _BOMS if start.startswith(mark))
    return declared or _undeclared(kind, start, is_whole=is_whole)


def decode(body: bytes, charset: str) -> str:
    """Never raises: what is no character, U+0000 among it, becomes U+FFFD, as in browsers."""
    return body.decode(charset, "replace").replace("\0", "\ufffd")


@lru_cache(maxsize=512)
def kind_of(content_type: str) -> Kind:
    essence = content_type.partition(";")[0].strip().lower()
    return next((kind for kind in (Kind.JSON, Kind.MARKUP, Kind.TEXT) if kind.value.fullmatch(essence)), Kind.BINARY)


@lru_cache(maxsize=512)
def _read(content_type: str) -> tuple[Kind, str | None]:
    found = _IN_HEADER.search(content_type)
    return kind_of(content_type), _codec(_given(found)) if found else None


def _sniffed(start: bytes) -> Kind:
    is_text = start.startswith((BOM_UTF16_BE, BOM_UTF16_LE)) or not _CONTROLS.search(start, 0, PRESCAN_BYTES)
    return Kind.MARKUP if is_text else Kind.BINARY


def _undeclared(kind: Kind, start: bytes, *, is_whole: bool) -> str:
    if kind is Kind.JSON:
        return "utf-8"
    found = _prescanned(start[:PRESCAN_BYTES]) if kind is Kind.MARKUP else None
    return found or ("utf-8" if _is_utf8(start, is_whole=is_whole) else FALLBACK)


def _is_utf8(start: bytes, *, is_whole: bool) -> bool:
    try:
        getincrementaldecoder("utf-8")().decode(start, is_whole)
    except UnicodeDecodeError:
        return False
    return True


def _prescanned(start: bytes) -> str | None:
    for mark, wide in _WIDE_XML:
        if start.startswith(mark):
            return wide
    in_xml = _IN_XML.match(start)
    label = in_xml[1].decode() if in_xml else _in_meta(_COMMENT.sub(b"", start).decode("latin-1"))
    name = _codec(label) if label else None
    # It could be read as ASCII so far, so it cannot be what it says.
    return "utf-8" if name and name.startswith("utf-16") else name


def _in_meta(start: str) -> str | None:
    for meta in _META.finditer(start):
        attributes = {found[1].lower(): _given(found, 2) for found in reversed([*_ATTRIBUTE.finditer(meta[1])])}
        in_content = _IN_CONTENT.search(attributes.get("content", ""))
        if _codec(attributes.get("charset", "")):
            return attributes["charset"]
        if in_content and attributes.get("http-equiv", "").lower() == "content-type":
            return _given(in_content)
    return None


def _given(found: re.Match[str], first: int = 1) -> str:
    """The value, however it was quoted."""
    return found[first] or found[first + 1] or found[first + 2] or ""


def _codec(label: str) -> str | None:
    found = webencodings.lookup(label) if label.isascii() else None
    if found is None or found.name == "replacement":
        return None
    return WIDER.get(found.name) or str(found.codec_info.name)
