import pytest
from ada_url import normalize_url
from hypothesis import given
from hypothesis import strategies as st
from yarl import URL

from engine.jobs.address import MAX_URL_CHARS, Address, AddressError, UnsupportedSchemeError, canonical


@pytest.mark.parametrize(
    ("given_url", "url", "host"),
    [
        ("HTTP://EXAMPLE.com:80", "http://example.com/", "example.com"),
        ("  https://a.test/\n", "https://a.test/", "a.test"),
        ("https://a.test:443/x", "https://a.test/x", "a.test"),
        ("http://a.test:443/x", "http://a.test:443/x", "a.test"),
        ("http://a.test?#", "http://a.test/", "a.test"),
        ("http://a.test/#?#", "http://a.test/#?#", "a.test"),
        ("http://a.test/b??#", "http://a.test/b??", "a.test"),
        ("http://a.test?q#f", "http://a.test/?q#f", "a.test"),
        ("http:\\\\a.test\\b?c\\d", "http://a.test/b?c\\d", "a.test"),
        ("http://a.test/b/../c/./%2E%2e/d/.", "http://a.test/d/", "a.test"),
        ("http://a.test/ü x?ü'\"#ü", "http://a.test/%C3%BC%20x?%C3%BC%27%22#%C3%BC", "a.test"),
        ("http://a.test/%7e%2F?x=%2B+%zz", "http://a.test/%7e%2F?x=%2B+%zz", "a.test"),
        ("http://bücher.test/", "http://xn--bcher-kva.test/", "xn--bcher-kva.test"),
        ("http://b%C3%BCcher.test/", "http://xn--bcher-kva.test/", "xn--bcher-kva.test"),
        ("http://u:p@a.test/", "http://u:p@a.test/", "a.test"),
        ("http://a@b@c.test/", "http://a%40b@c.test/", "c.test"),
        ("http://[::FFFF:127.0.0.1]:80/", "http://[::ffff:7f00:1]/", "::ffff:7f00:1"),
        ("http://2130706433/", "http://127.0.0.1/", "127.0.0.1"),
        ("http://0x7f.1/", "http://127.0.0.1/", "127.0.0.1"),
        ("http://\uff11\uff12\uff17.0.0.1/", "http://127.0.0.1/", "127.0.0.1"),
        ("http://a_b.test./", "http://a_b.test./", "a_b.test."),
    ],
)
def test_an_address_is_written_as_browsers_write_it(given_url: str, url: str, host: str) -> None:
    assert canonical(given_url) == (url, host)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "a.test",
        "//a.test/",
        "http:/a.test",
        "http:///a",
        "http://",
        "http://a b/",
        "http://a%00b/",
        "http://%ff/",
        "http://exa<mple/",
        "http://a..b/",
        "http://a.test:99999/",
        "http://a.test:0/",
        "http://[::1]:0/",
        "http://a.test:8a/",
        "http://a.test:-1/",
        "http://[::1",
        "http://[::1]x/",
        "http://[fe80::1%25eth0]/",
        "http://1.2.3.4.5/",
        "http://a.1/",
        "http://ab\u2100c.test/",
        "http://" + "a" * 64 + ".test/",
        "http://a.test/\tb",
        "http://a.test/\ud800",
        "http://a.test/" + "a" * MAX_URL_CHARS,
        "http://a.test/" + "ü" * (MAX_URL_CHARS // 4),
    ],
)
def test_what_cannot_be_fetched_is_refused_with_a_reason(url: str) -> None:
    with pytest.raises(AddressError, match="URL") as refused:
        canonical(url)
    assert not isinstance(refused.value, UnsupportedSchemeError)


@pytest.mark.parametrize("url", ["ftp://a.test/", "mailto:a@b.test", "javascript:alert(1)", "data:,x", "file:///etc"])
def test_other_schemes_are_told_apart(url: str) -> None:
    with pytest.raises(UnsupportedSchemeError):
        canonical(url)


PARTS = ["https:", "//", "a.test", ":8080", "/", "\\", "..", "%2e", "?", "#", "@", "[::1]", "ü", " ", "%", "0x1"]
LABELS = st.text("ax0-_1", max_size=4) | st.sampled_from(
    ["xn--", "xn--a", "test", "0x7f", "127", "256", "a" * 63, "a" * 64]
)
HOSTS = st.lists(LABELS, min_size=1, max_size=5).map(".".join) | st.ip_addresses(v=4).map(str)
PORTS = st.just("") | st.integers(0, 70_000).map(":{}".format) | st.sampled_from([":80", ":443", ":080", ":"])
PATHS = st.text("/./%2eEa~?'`^|@", max_size=12).map("/".__add__)


@given(
    st.text()
    | st.lists(st.sampled_from(PARTS) | st.characters(), max_size=12).map("".join).map("http://".__add__)
    | st.builds("{}://{}{}{}".format, st.sampled_from(["http", "https"]), HOSTS, PORTS, PATHS)
)
def test_an_address_is_canonical_once_and_for_all(url: str) -> None:
    try:
        found = canonical(url)
    except AddressError:
        return
    assert found.url.isascii()
    assert canonical(found.url) == found
    assert normalize_url(found.url) == found.url
    parsed = URL(found.url, encoded=True)
    assert Address(str(parsed), parsed.raw_host or "") == found
