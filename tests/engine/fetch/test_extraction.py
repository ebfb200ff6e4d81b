import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.fetch.charset import charset_of
from engine.fetch.extraction import extract
from engine.fetch.selection import validate_selector
from engine.jobs.outcome import Extraction, Page
from engine.jobs.request import Options, Selector

HTML = "text/html"
ALL = Options(
    extract_text=True,
    extract_links=True,
    extract_images=True,
    extract={
        "css": Selector(css="p"),
        "xpath": Selector(xpath="//@href", all=True),
        "regex": Selector(regex=r"<(\w+)"),
    },
)


def a_page(body: str | bytes, content_type: str = HTML) -> Page:
    data = body.encode() if isinstance(body, str) else body
    return Page(
        status_code=200,
        final_url="http://site.test/dir/page?q=1",
        headers=(),
        content_type=content_type,
        charset=charset_of(content_type, data, is_whole=True),
        body=data,
        size=len(data),
        elapsed_s=0.0,
    )


def found(body: str | bytes, content_type: str = HTML, **options: object) -> Extraction:
    return extract(a_page(body, content_type), Options(**options) if options else ALL)  # type: ignore[arg-type]  # Options checks them


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("<title>no</title><h1>A  <b>b</b>\nc</h1>d<p>e<br>f", "A b c\nd\ne\nf"),
        ("a<script>no</script><style>no</style><noscript>no</noscript><template>no</template>b", "ab"),
        ("a<p hidden>no</p><!-- no -->b", "a\nb"),
        ("<table><tr><td>1<td>2<tr><td>3</table><ul><li>x<li>y</ul>", "1 2\n3\nx\ny"),
        ("<pre>one\n  two</pre>\nthree\nfour", "one\ntwo\nthree four"),
        ("ü &lt;\0&nbsp;&#0;", "ü <\ufffd \ufffd"),
        ("", ""),
    ],
)
def test_text_is_what_a_reader_sees_a_line_a_block(body: str, text: str) -> None:
    assert found(body, extract_text=True) == Extraction(text=text)


def test_links_are_absolute_in_order_and_once() -> None:
    body = """<base href="/base/"><a href="x">1</a><a href=" /y&#10;z ">2</a><a href="x">1</a><a href="//o.test">3</a>
        <area href="HTTPS://O.test:443/ä"><a href="?q">4</a><a>5</a><a href="javascript:x">6</a><a href="mailto:x">7</a>
        <a href="http://[">8</a><a href="http://a..b/">9</a>"""
    assert found(body, extract_links=True).links == (
        "http://site.test/base/x",
        "http://site.test/yz",
        "http://o.test/",
        "https://o.test/%C3%A4",
        "http://site.test/base/?q",
    )


def test_images_come_from_sources_and_their_sets() -> None:
    body = """<img src=a.png srcset="b.png 1x, c.png 2x,d.png, data:image/png;base64,x 3x"><picture><source
        srcset="/e.png"><img src="a.png"></picture><input type=image src=f.png><input src=no.png><video src=no.mp4>"""
    assert found(body, extract_images=True).images == tuple(
        f"http://site.test/{path}.png" for path in ("dir/a", "dir/b", "dir/c", "dir/d", "e", "dir/f")
    )


@pytest.mark.parametrize(
    ("selector", "expected"),
    [
        (Selector(css="h1"), "Head line"),
        (Selector(css="li", all=True), ["1", "2"]),
        (Selector(css="a", attr="href"), "x"),
        (Selector(css="a:has(b)", attr="href"), "y"),
        (Selector(css="script"), '{"a": 1}'),
        (Selector(css="title"), "T"),
        (Selector(css="no"), None),
        (Selector(css="no", all=True), []),
        (Selector(css="a", attr="no", all=True), []),
        (Selector(xpath="//a/@href", all=True), ["x", "y"]),
        (Selector(xpath="count(//li)"), "2"),
        (Selector(xpath="1 div 4"), "0.25"),
        (Selector(xpath="0 div 0"), "nan"),
        (Selector(xpath="boolean(//li)"), "true"),
        (Selector(xpath="string(//h1)"), "Head  line"),
        (Selector(regex=r"<li>(\d)", all=True), ["1", "2"]),
        (Selector(regex=r"<li>\d"), "<li>1"),
        (Selector(regex=r"<(x)?li>"), ""),
    ],
)
def test_a_field_is_what_its_selector_finds(selector: Selector, expected: object) -> None:
    body = """<title>T</title><h1>Head  line</h1><ul><li>1<li>2</ul><a href=x>x</a><a href=y><b>y</b></a>
        <script>{"a": 1}</script>"""
    validate_selector(selector)
    assert found(body, extract={"it": selector}).fields == {"it": expected}


@pytest.mark.parametrize(
    "selector",
    [
        Selector(),
        Selector(css="a", xpath="//a"),
        Selector(css=" "),
        Selector(css="a["),
        Selector(css="a" * 2001),
        Selector(xpath="//a["),
        Selector(xpath="nothing()"),
        Selector(xpath="no:prefix"),
        Selector(xpath="(" * 2000),
        Selector(xpath="//a[//b[descendant::c]]"),
        Selector(regex="("),
        Selector(regex="((a{1000}){1000}){1000}"),
        Selector(regex="a{99999999999}"),
    ],
)
def test_a_selector_that_is_wrong_or_endless_is_refused(selector: Selector) -> None:
    with pytest.raises(ValueError, match=r"\w"):
        validate_selector(selector)


def test_a_regular_expression_is_given_up_after_its_time() -> None:
    fields = found("ab" * 100_000, extract={"it": Selector(regex=r"(?:a|b|ab)+[^a-z]")}).fields
    assert fields == {"it": None}


def test_no_entity_is_expanded_and_nothing_is_loaded() -> None:
    laughs = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    start = '<!DOCTYPE a [<!ENTITY e0 "ha"><!ENTITY f SYSTEM "file:///etc/hostname">'
    text = found(f"{start}]><a>&e0;&f;<p>c</p></a>", "application/xml", extract_text=True).text
    assert text == "&e0;&f;\nc"
    text = found(f"{start}{laughs}]><a>&e9;</a>", "application/xml", extract_text=True).text
    assert text in {"&e9;", ""}


def test_feeds_and_site_maps_have_links() -> None:
    body = """<urlset xmlns="u" xmlns:x="http://www.w3.org/1999/xlink"><loc>http://a.test/</loc><link>/b</link>
        <link href="c"/><i x:href="d"/></urlset>"""
    assert found(body, "application/xml", extract_links=True).links == (
        "http://a.test/",
        "http://site.test/b",
        "http://site.test/dir/c",
        "http://site.test/dir/d",
    )


@pytest.mark.parametrize(
    ("body", "content_type", "text"), [('{"a": 1}', "application/json", '{"a": 1}'), (b"\0\1", "image/png", "")]
)
def test_what_is_no_markup_has_its_text_and_nothing_else(body: str | bytes, content_type: str, text: str) -> None:
    assert found(body, content_type, extract_text=True, extract_links=True) == Extraction(text=text, links=())


@pytest.mark.parametrize("tag", ["<div>", "<a href='#'>", "<table><tr><td>", "<b><p>", "<![CDATA[", "<!--", "&#1;"])
def test_nesting_without_end_does_no_harm(tag: str) -> None:
    assert isinstance(found(tag * 100_000), Extraction)


SCRAPS = [
    "<a href=",
    "'http://x",
    "<base href=//",
    ">",
    "<p>",
    "</p>",
    "<?xml",
    "<!DOCTYPE",
    "<![CDATA[",
    "]]>",
    "&#0;",
]


@settings(max_examples=300, deadline=None)
@given(
    body=st.binary() | st.lists(st.sampled_from(SCRAPS) | st.characters(codec="utf-8")).map("".join).map(str.encode),
    content_type=st.sampled_from([HTML, "application/xml", "", "text/plain", f"{HTML}; charset=utf-16"]),
)
def test_whatever_a_page_is_something_comes_out(body: bytes, content_type: str) -> None:
    extraction = found(body, content_type)
    texts = [extraction.text or "", *(extraction.links or ()), *(extraction.images or ())]
    assert all("\0" not in text and text.encode() is not None for text in texts)
