"""What a query asks of a job, as pieces of SQL with a ? for each value.

Which of them an index answers, each database says for itself.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from engine.jobs.query import JobQuery

Condition = tuple[str, Any]
"""A piece of SQL with one value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """How a database says it."""

    column: str
    """A column of the jobs that is compared without an index."""
    one_of: str
    listed: Callable[[Iterable[str]], Any]
    """The value of `one_of`."""
    contains: str
    """LIKE, whatever the case."""


def is_counted(query: JobQuery) -> bool:
    """Whole statuses, of the store or of a batch: their counts are kept."""
    rest = (query.scraper_types, query.url_contains, query.host, query.tags)
    return not any(rest) and query.date_from is None and query.date_to is None


def dates(query: JobQuery, column: str) -> Iterator[Condition]:
    if query.date_from is not None:
        yield f"{column} >= ?", query.date_from
    if query.date_to is not None:
        yield f"{column} <= ?", query.date_to


def rest(query: JobQuery, words: Words) -> Iterator[Condition]:
    """All but tags and dates."""
    for name, wanted in (("batch_id", query.batch_id), ("host", query.host)):
        if wanted:
            yield f"{words.column.format(name)} = ?", wanted
    for name, any_of in (("status", query.statuses), ("scraper_type", query.scraper_types)):
        if any_of:
            yield f"{words.column.format(name)} {words.one_of}", words.listed(any_of)
    yield from url(query, words)


def url(query: JobQuery, words: Words) -> Iterator[Condition]:
    if query.url_contains:
        wanted = query.url_contains
        for special in ("\\", "%", "_"):
            wanted = wanted.replace(special, f"\\{special}")
        yield rf"jobs.url {words.contains} ? ESCAPE '\'", f"%{wanted}%"
