"""Finds jobs by filters: walks through the index that fits, several of them side by side, in the order asked for.

A list in the order of creation stops where its page ends. In another order, or by a part of the URL, it has to look at
all that the other filters leave, within the reader's time limit.
"""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any

from engine.jobs.query import COUNTED_AT_MOST, JobPage, JobQuery
from engine.jobs.status import Status
from engine.storage.codec import dumps
from engine.storage.filters import is_counted
from engine.storage.job_rows import LISTED, job_of
from engine.storage.sqlite.walk import Walk, walks
from engine.storage.tally import WHOLE

TOTAL = "SELECT coalesce(sum(n), 0) FROM counts WHERE batch_id = ? AND status IN (SELECT value FROM json_each(?))"


def find(connection: sqlite3.Connection, query: JobQuery, types: Iterable[str]) -> JobPage:
    """`types` are all scraper types that the store may know."""
    ways = walks(query, types)
    if not ways:
        return JobPage(jobs=(), total=0, total_is_lower_bound=False)
    rows = connection.execute(*page(query, ways)).fetchall()
    rows.sort(key=lambda row: (row[-1], row[0]), reverse=query.descending)
    ((total,),) = connection.execute(*total_of(query, ways)).fetchall()
    is_cut = not is_counted(query) and total == COUNTED_AT_MOST
    return JobPage(jobs=tuple(job_of(row) for row in rows), total=total, total_is_lower_bound=is_cut)


def page(query: JobQuery, ways: Sequence[Walk]) -> tuple[str, list[Any]]:
    """The statement for one page, and its values: which jobs, and then their rows."""
    order = "DESC" if query.descending else "ASC"
    before = "<" if query.descending else ">"
    beyond = f" AND (sort_key, id) {before} (?, ?)" if query.after else ""
    text = (
        f"SELECT {LISTED}, sort_key FROM ("  # noqa: S608 - pieces of our own; what users give is bound
        f"{_together(ways, query.sort_by, beyond)} ORDER BY sort_key {order}, id {order} LIMIT ? OFFSET ?"
        f") AS page CROSS JOIN jobs ON jobs.id = page.id"
    )
    return text, [*_values(ways, query.after or ()), query.limit, query.offset]


def total_of(query: JobQuery, ways: Sequence[Walk]) -> tuple[str, list[Any]]:
    """The statement that counts all pages: kept counts where they are enough, else up to COUNTED_AT_MOST."""
    if is_counted(query):
        return TOTAL, [query.batch_id or WHOLE, dumps(query.statuses or list(Status))]
    text = f"SELECT count(*) FROM ({_together(ways, query.sort_by)} LIMIT ?)"  # noqa: S608 - pieces of our own
    return text, [*_values(ways), COUNTED_AT_MOST]


def _together(ways: Sequence[Walk], sort_by: str, beyond: str = "") -> str:
    union = " UNION " if any(way.overlaps for way in ways) else " UNION ALL "
    return union.join(way.text(sort_by, beyond) for way in ways)


def _values(ways: Sequence[Walk], beyond: Sequence[Any] = ()) -> list[Any]:
    return [value for way in ways for value in (*way.values, *beyond)]
