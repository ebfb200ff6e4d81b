"""Finds jobs by filters: walks through the index that fits, from each of its starts, in the order asked for.

A list in the order of creation stops where its page ends. In another order, or by a part of the URL, it has to look at
all that the other filters leave, within the statement's time limit.
"""

import re
from collections.abc import Sequence
from itertools import count
from typing import Any

from asyncpg import Connection, Record

from engine.errors import QueryTooSlowError
from engine.jobs.query import COUNTED_AT_MOST, JobPage, JobQuery
from engine.jobs.status import Status
from engine.storage.filters import is_counted
from engine.storage.job_rows import LISTED, job_of
from engine.storage.postgres.walk import Walk, walk
from engine.storage.tally import WHOLE

STATEMENT_LIMIT_S = 5.0
TOTAL = "SELECT coalesce(sum(n), 0) FROM counts WHERE batch_id = $1 AND status = ANY($2::text[])"


async def find(connection: Connection, query: JobQuery) -> JobPage:
    """Raises QueryTooSlowError."""
    way = walk(query)
    rows = await _asked(connection, *page(query, way))
    rows.sort(key=lambda row: (row["sort_key"], row[0]), reverse=query.descending)
    ((total,),) = await _asked(connection, *total_of(query, way))
    is_cut = not is_counted(query) and total == COUNTED_AT_MOST
    return JobPage(jobs=tuple(job_of(row) for row in rows), total=total, total_is_lower_bound=is_cut)


def page(query: JobQuery, way: Walk) -> tuple[str, Sequence[Any]]:
    """The statement for one page, and its values: which jobs, and then their rows."""
    order = "DESC" if query.descending else "ASC"
    before = "<" if query.descending else ">"
    beyond = f" AND (sort_key, id) {before} (?, ?)" if query.after else ""
    text = (
        f"SELECT {LISTED}, sort_key FROM ("  # noqa: S608 - pieces of our own; what users give is bound
        f"{way.text(query.sort_by, order, beyond=beyond, limit='?')} "
        f"ORDER BY sort_key {order}, id {order} LIMIT ? OFFSET ?"
        f") AS page CROSS JOIN LATERAL (SELECT * FROM jobs WHERE jobs.id = page.id OFFSET 0) AS jobs"
    )
    limits = (query.offset + query.limit, query.limit, query.offset)
    return numbered(text), [*way.values, *(query.after or ()), *limits]


def total_of(query: JobQuery, way: Walk) -> tuple[str, Sequence[Any]]:
    """The statement that counts all pages: kept counts where they are enough, else up to COUNTED_AT_MOST."""
    if is_counted(query):
        return TOTAL, [query.batch_id or WHOLE, list(query.statuses or Status)]
    met = way.text("created_at", "ASC", limit=str(COUNTED_AT_MOST))
    return numbered(f"SELECT count(*) FROM ({met} LIMIT {COUNTED_AT_MOST}) AS met"), way.values  # noqa: S608 - as above


async def _asked(connection: Connection, text: str, values: Sequence[Any]) -> list[Record]:
    """The limit is kept here: the server has one for all statements, and another would have to be told it each time."""
    try:
        return await connection.fetch(text, *values, timeout=STATEMENT_LIMIT_S)
    except TimeoutError:
        raise QueryTooSlowError from None


def numbered(text: str) -> str:
    """Its question marks as $1, $2, ..."""
    numbers = count(1)
    return re.sub(r"\?", lambda _: f"${next(numbers)}", text)
