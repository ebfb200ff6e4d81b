"""Takes out of a page what was asked for: text, links, images, named fields.

Whatever the page is, something comes out. No entity is expanded, nothing is loaded; nesting beyond 256 ends the page.
"""

from collections.abc import Mapping

from engine.fetch.charset import Kind, decode, kind_of
from engine.fetch.document import Document
from engine.fetch.selection import selected, validate_selector
from engine.jobs.outcome import Extraction, Page
from engine.jobs.request import Options, Selector

__all__ = ["extract", "validate_selector"]

Fields = dict[str, str | list[str] | None]


def extract(page: Page, options: Options) -> Extraction:
    """Wants the page's whole body. For what is no text there is nothing to find."""
    source = decode(page.body, page.charset) if page.charset else ""
    kind = kind_of(page.content_type) if page.content_type else Kind.MARKUP
    document = Document(source, page=page) if page.charset and kind is Kind.MARKUP else None
    return Extraction(
        text=(document.text() if document else source) if options.extract_text else None,
        links=(document.links() if document else ()) if options.extract_links else None,
        images=(document.images() if document else ()) if options.extract_images else None,
        fields=_fields(options.extract, source, document) if options.extract else None,
    )


def _fields(selectors: Mapping[str, Selector], source: str, document: Document | None) -> Fields:
    return {name: _field(selector, selected(selector, source, document)) for name, selector in selectors.items()}


def _field(selector: Selector, values: list[str]) -> str | list[str] | None:
    if selector.all:
        return values
    return values[0] if values else None
