"""A page of HTML or XML as a tree: its text, its links, its images.

A page that cannot be parsed is an empty one.
"""

import re
from collections.abc import Iterable, Iterator
from itertools import chain
from urllib.parse import urljoin

from lxml import etree, html

from engine.fetch.text import text_of
from engine.jobs.address import canonical
from engine.jobs.outcome import Page

XML_LINKS = frozenset({"link", "loc"})
"""Elements whose text is an address: of feeds and site maps."""

_IS_HTML = re.compile(r"text/html|application/xhtml\+xml|", re.IGNORECASE)
_CANDIDATE = re.compile(r"[\s,]*+(\S*[^\s,])(?:,+(?:\s|$)|\s+[^,]*(?:,|$)|$)")
_BREAKS = re.compile(r"[\t\r\n]+")


class Document:
    """Addresses are absolute, canonical, http or https, in the page's order and each once."""

    def __init__(self, source: str, *, page: Page) -> None:
        self.is_html = _IS_HTML.fullmatch(page.content_type.partition(";")[0].strip()) is not None
        self.root = _parsed(source, is_html=self.is_html)
        self._base = self._base_of(page.final_url)
        self._origin = "/".join(self._base.split("/", 3)[:3])

    def text(self) -> str:
        return text_of(self.root) if self.root is not None else ""

    def links(self) -> tuple[str, ...]:
        if not self.is_html:
            return self._absolute(_xml_links(self._elements()))
        return self._absolute(each.get("href", "") for each in self._elements("a", "area"))

    def images(self) -> tuple[str, ...]:
        found = self._elements("img", "source", "input") if self.is_html else ()
        return self._absolute(chain.from_iterable(map(_sources, found)))

    def _elements(self, *tags: str) -> Iterable[etree._Element]:
        return self.root.iter(*tags or (etree.Element,)) if self.root is not None else ()

    def _base_of(self, url: str) -> str:
        given = next((each.get("href") for each in self._elements("base") if each.get("href")), None)
        return (_joined(url, given) if given and self.is_html else None) or url

    def _absolute(self, addresses: Iterable[str]) -> tuple[str, ...]:
        return tuple(filter(None, dict.fromkeys(map(self._resolved, addresses))))

    def _resolved(self, address: str) -> str | None:
        address = _BREAKS.sub("", address).strip()
        if not address:
            return None
        if address.startswith("/") and not address.startswith(("//", "/\\")):
            return _joined("", self._origin + address)
        return _joined(self._base, address)


def _parsed(source: str, *, is_html: bool) -> etree._Element | None:
    data = source.encode("utf-8", "replace")
    try:
        return etree.fromstring(data, _html_parser() if is_html else _xml_parser())
    except (etree.LxmlError, ValueError):
        return None


def _html_parser() -> html.HTMLParser:
    return html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, no_network=True)


def _xml_parser() -> etree.XMLParser:
    return etree.XMLParser(
        encoding="utf-8", recover=True, resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True
    )


def _joined(base: str, address: str) -> str | None:
    """The common case, an absolute address, needs no joining."""
    try:
        is_absolute = address[:8].lower().startswith(("http://", "https://"))
        return canonical(address if is_absolute else urljoin(base, address)).url
    except ValueError:
        return None


def _xml_links(elements: Iterable[etree._Element]) -> Iterator[str]:
    for element in elements:
        yield from (str(value) for name, value in element.items() if _local(name) == "href")
        if _local(element.tag) in XML_LINKS and element.text:
            yield element.text


def _local(name: object) -> str:
    """Without its namespace."""
    return str(name).rpartition("}")[2]


def _sources(element: etree._Element) -> Iterator[str]:
    if element.tag == "img" or (element.tag == "input" and element.get("type", "").lower() == "image"):
        yield element.get("src", "")
    # With separators at its end, the pattern would look for another candidate from each of them.
    for candidate in _CANDIDATE.finditer(" ".join(element.get("srcset", "").split()).rstrip(" ,")):
        yield candidate[1]
