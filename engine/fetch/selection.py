"""What users' selectors find: CSS, XPath or a regular expression, each within bounds.

A selector is checked when its job is submitted; here one that finds nothing, or not in time, gives nothing.
"""

import re
from collections.abc import Sequence
from functools import lru_cache
from math import prod

import regex  # type: ignore[import-untyped]  # has no stubs here
from cssselect import GenericTranslator, HTMLTranslator, SelectorError
from lxml import etree

from engine.fetch.document import Document
from engine.fetch.text import text_of
from engine.jobs.request import Selector

MAX_SELECTOR_CHARS = 2000
MAX_VALUES = 10_000
REGEX_CHARS = 1024 * 1024
"""Of a page, so far a regular expression looks."""
REGEX_REPEATS = 10_000
"""Counted repetitions are written out when an expression is compiled."""
REGEX_S = 1.0
"""A regular expression may go back and forth for ever: it is given this long, outside the interpreter's lock."""

_STRINGS = re.compile(r""""[^"]*"|'[^']*'""")
_REPEATS = re.compile(r"(\)?)\s*\{\s*(\d{1,9})")
_WALKS = re.compile(r"\[|\]|//|(?:descendant|ancestor)(?:-or-self)?\s*::|(?:following|preceding)\s*::")


def validate_selector(selector: Selector) -> None:
    """Raises ValueError, with a message for who wrote it."""
    given = [each for each in (selector.css, selector.xpath, selector.regex) if each is not None]
    if len(given) != 1:
        raise ValueError("a selector is exactly one of css, xpath, regex")
    if not given[0].strip() or len(given[0]) > MAX_SELECTOR_CHARS:
        raise ValueError(f"a selector has from 1 to {MAX_SELECTOR_CHARS} characters")
    if selector.regex is not None:
        _regex(selector.regex)
    else:
        _try(_xpath(selector.xpath or _translated(selector.css or "", is_html=True)))


def selected(selector: Selector, source: str, document: Document | None) -> list[str]:
    """In the page's order: text of elements, or their attribute; all there are, up to MAX_VALUES."""
    if selector.regex is not None:
        return _matches(selector.regex, source, most=MAX_VALUES if selector.all else 1)
    if document is None or document.root is None:
        return []
    try:
        found = _xpath(selector.xpath or _translated(selector.css or "", is_html=document.is_html))(document.root)
    except (etree.XPathError, ValueError):
        return []
    nodes: Sequence[object] = found if isinstance(found, list) else [found]
    return [value for node in nodes[:MAX_VALUES] if (value := _value(node, selector.attr)) is not None]


def _try(expression: etree.XPath) -> None:
    """Functions and prefixes that nobody knows show only when they are used."""
    try:
        expression(etree.Element("html"))
    except etree.XPathError as error:
        raise ValueError(f"the XPath is not valid: {error}") from error


def _value(node: object, attr: str | None) -> str | None:
    """An XPath finds elements, strings, one truth or one number; names of namespaces are nobody's wish."""
    if isinstance(node, etree._Element):  # noqa: SLF001 - lxml gives its elements no other name
        return node.get(attr) if attr else text_of(node)
    if isinstance(node, bool):
        return str(node).lower()
    if isinstance(node, float):
        return str(int(node)) if node.is_integer() else str(node)
    return node if isinstance(node, str) else None


def _matches(pattern: str, source: str, *, most: int) -> list[str]:
    values: list[str] = []
    try:
        for found in _regex(pattern).finditer(source[:REGEX_CHARS], timeout=REGEX_S, concurrent=True):
            values.append(found[1 if found.re.groups else 0] or "")
            if len(values) == most:
                break
    except (TimeoutError, ValueError):
        return []
    return values


@lru_cache(maxsize=256)
def _regex(pattern: str) -> regex.Pattern[str]:
    if _written_out(pattern) > REGEX_REPEATS:
        raise ValueError(f"the regular expression repeats more than {REGEX_REPEATS} times")
    try:
        return regex.compile(pattern)
    except (regex.error, OverflowError, RecursionError) as error:
        raise ValueError(f"the regular expression is not valid: {error}") from error


def _written_out(pattern: str) -> int:
    """Never less than what compiling repeats: groups may stand in groups, all else stands side by side."""
    counts = _REPEATS.findall(pattern)
    side_by_side = sum(int(count) for group, count in counts if not group)
    return prod(max(int(count), 1) for group, count in counts if group) * max(side_by_side, 1)


@lru_cache(maxsize=256)
def _translated(css: str, *, is_html: bool) -> str:
    try:
        return str((HTMLTranslator() if is_html else GenericTranslator()).css_to_xpath(css))
    except (SelectorError, RecursionError) as error:
        raise ValueError(f"the CSS selector is not valid: {error}") from error


@lru_cache(maxsize=256)
def _xpath(expression: str) -> etree.XPath:
    _refuse_wild(expression)
    try:
        return etree.XPath(expression, regexp=False, smart_strings=False)
    except (etree.XPathError, ValueError) as error:
        raise ValueError(f"the XPath is not valid: {error}") from error


def _refuse_wild(expression: str) -> None:
    """A search for each step of another costs the square of the page; within a third, nobody sees the end."""
    depth = 0
    for found in _WALKS.findall(_STRINGS.sub("''", expression)):
        depth += {"[": 1, "]": -1}.get(found, 0)
        if found not in "[]" and depth > 1:
            raise ValueError("the selector searches within a search within a search, which can take for ever")
