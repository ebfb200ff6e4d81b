import codecs

import pytest
import webencodings  # type: ignore[import-untyped]  # has no stubs here
from hypothesis import given
from hypothesis import strategies as st

from engine.fetch.charset import charset_of, decode

HTML = "text/html"
UMLAUT = "ü".encode()


@pytest.mark.parametrize(
    ("content_type", "body", "expected"),
    [
        (f"{HTML}; charset=iso-8859-1", codecs.BOM_UTF8 + b"x", "utf-8-sig"),
        (f"{HTML}; charset=utf-8", codecs.BOM_UTF16_LE + b"x\0", "utf-16"),
        (f'{HTML}; charset="Shift_JIS"', b'<meta charset="utf-8">', "cp932"),
        (f"{HTML};charset=latin1", b"", "cp1252"),
        (f"{HTML}; charset=nonsense", b'<meta charset="koi8-r">', "koi8-r"),
        (f"{HTML}; charset=\udcff", b"", "utf-8"),
        (f"{HTML}; charset=iso-2022-kr", b"", "utf-8"),
        (HTML, b"<META  CHARSET = gb2312 >", "gb18030"),
        (HTML, b"<meta http-equiv='Content-Type' content='text/html; charset=euc-kr'>", "cp949"),
        (HTML, b"<meta content='text/html; charset=euc-kr'>", "utf-8"),
        (HTML, b"<!-- <meta charset=koi8-r> --><meta charset=big5>", "big5hkscs"),
        (HTML, b'<meta charset="utf-16">', "utf-8"),
        (HTML, b" " * 1024 + b"<meta charset=koi8-r>", "utf-8"),
        (HTML, UMLAUT, "utf-8"),
        (HTML, b"\xfc", "cp1252"),
        (HTML, b"", "utf-8"),
        ("application/xml", b'<?xml version="1.0" encoding="ISO-8859-2"?>', "iso8859-2"),
        ("application/rss+xml", "<?xml".encode("utf-16-le"), "utf-16-le"),
        ("application/json", b'"\xfc"', "utf-8"),
        ("application/ld+json; charset=koi8-r", b"", "koi8-r"),
        ("text/javascript", b"\xfc", "cp1252"),
        ("text/plain", b"<meta charset=koi8-r>", "utf-8"),
        ("image/svg+xml", b"<svg/>", "utf-8"),
        ("image/png", b"<meta charset=koi8-r>", None),
        ("application/octet-stream", UMLAUT, None),
        ("", b"<p>", "utf-8"),
        ("", b"\x89PNG\r\n\x1a\n\0", None),
    ],
)
def test_the_encoding_is_found_in_the_order_of_the_standard(
    content_type: str, body: bytes, expected: str | None
) -> None:
    assert charset_of(content_type, body, is_whole=True) == expected


def test_a_character_cut_in_two_is_no_reason_to_doubt_utf8() -> None:
    assert charset_of(HTML, UMLAUT[:1], is_whole=False) == "utf-8"
    assert charset_of(HTML, UMLAUT[:1], is_whole=True) == "cp1252"


@pytest.mark.parametrize("label", sorted(webencodings.LABELS))
def test_every_label_of_the_web_is_a_codec_that_decodes_anything(label: str) -> None:
    charset = charset_of(f"{HTML}; charset={label}", b"", is_whole=True)
    assert charset is not None
    assert isinstance(decode(bytes(range(256)), charset), str)


@given(content_type=st.text(max_size=30) | st.just(HTML), body=st.binary() | st.binary().map(b"<meta charset=".__add__))
def test_text_that_is_decoded_can_be_stored(content_type: str, body: bytes) -> None:
    charset = charset_of(content_type, body, is_whole=True)
    if charset is not None:
        text = decode(body, charset)
        assert "\0" not in text
        text.encode()
