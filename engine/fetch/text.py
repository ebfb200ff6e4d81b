"""The visible text of a tree: a line for each block, white space as one space, lines of <pre> as they are."""

from collections.abc import Iterator

from lxml import etree

HIDDEN = frozenset({"script", "style", "noscript", "template", "head", "iframe", "object"})
INLINE = frozenset(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i img ins kbd label mark q rp rt ruby s samp small "  # noqa: SIM905 - forty lines otherwise
    "span strike strong sub sup svg time tt u var wbr".split()
)
"""All other elements begin and end a line."""
CELLS = frozenset({"td", "th"})
BREAK = "\0"
"""Stands in no decoded text."""


def text_of(root: etree._Element) -> str:
    lines = "".join(_pieces(root)).split(BREAK)
    return "\n".join(filter(None, (" ".join(line.split()) for line in lines)))


def _pieces(root: etree._Element) -> Iterator[str]:
    """Walks without recursion. What was asked for by name is not hidden."""
    walk = etree.iterwalk(root, events=("start", "end"))
    preformatted = 0
    for event, element in walk:
        tag = element.tag if isinstance(element.tag, str) else ""
        preformatted += (tag == "pre") * (1 if event == "start" else -1)
        if event == "start":
            yield _edge(tag)
            if element is not root and (tag in HIDDEN or element.get("hidden") is not None):
                walk.skip_subtree()
            elif element.text:
                yield _kept(element.text, is_preformatted=preformatted > 0)
        else:
            yield _edge(tag)
            if element.tail and element is not root:
                yield _kept(element.tail, is_preformatted=preformatted > 0)


def _edge(tag: str) -> str:
    if tag in CELLS:
        return " "
    return "" if not tag or tag in INLINE or tag in HIDDEN else BREAK


def _kept(text: str, *, is_preformatted: bool) -> str:
    return text.replace("\n", BREAK) if is_preformatted else text
