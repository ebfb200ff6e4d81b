"""The same page in many encodings, declared rightly, wrongly or not at all.

Every encoding carries one line they all can write, and one in a script of its own.
"""

import codecs
from dataclasses import dataclass

from aiohttp import web

SHARED = "§ 7 ¶ 20 °C ± 2"
GERMAN = "Zwölf Boxkämpfer jagen Viktor quer über den großen Sylter Deich."
RUSSIAN = "Съешь же ещё этих мягких французских булок, да выпей чаю."
JAPANESE = "いろはにほへと ちりぬるを わかよたれそ つねならむ"
CHINESE = "天地玄黄 宇宙洪荒 日月盈昃 辰宿列张"
WAYS = ("header", "meta", "bom", "none", "wrong")
WRONG = "koi8-r"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charset:
    """An encoding as a page declares it; `own` is a line that shows it at work."""

    label: str
    codec: str
    own: str
    bom: bytes = b""


CHARSETS = {
    "utf-8": Charset(label="utf-8", codec="utf-8", own=RUSSIAN + JAPANESE),
    "utf-8-bom": Charset(label="utf-8", codec="utf-8", own=RUSSIAN + JAPANESE, bom=codecs.BOM_UTF8),
    "utf-16le": Charset(label="utf-16le", codec="utf-16-le", own=RUSSIAN + CHINESE, bom=codecs.BOM_UTF16_LE),
    "utf-16be": Charset(label="utf-16be", codec="utf-16-be", own=RUSSIAN + CHINESE, bom=codecs.BOM_UTF16_BE),
    "windows-1251": Charset(label="windows-1251", codec="cp1251", own=RUSSIAN),
    "shift_jis": Charset(label="shift_jis", codec="shift_jis", own=JAPANESE),
    "gb18030": Charset(label="gb18030", codec="gb18030", own=CHINESE),
    "iso-8859-1": Charset(label="iso-8859-1", codec="iso-8859-1", own=GERMAN),
}


async def charset(request: web.Request) -> web.Response:
    """`?by=` is one of header, meta, bom, none, wrong; an encoding without a byte order mark has no `bom`."""
    chosen, way = CHARSETS.get(request.match_info["name"]), request.query.get("by", "header")
    if chosen is None or way not in WAYS or (way == "bom" and not chosen.bom):
        raise web.HTTPNotFound(text="no such encoding, or not declared that way\n")
    declared = {"header": f"; charset={chosen.label}", "wrong": f"; charset={WRONG}"}.get(way, "")
    return web.Response(body=charset_body(chosen, way), headers={"Content-Type": "text/html" + declared})


def charset_body(chosen: Charset, way: str) -> bytes:
    """The page in bytes; its mark is there unless nothing at all is to be declared."""
    meta = f'<meta charset="{chosen.label}">\n' if way == "meta" else ""
    page = f"<!doctype html>\n{meta}<title>{SHARED}</title>\n<p>{SHARED}</p>\n<p>{chosen.own}</p>\n"
    return (b"" if way == "none" else chosen.bom) + page.encode(chosen.codec)
