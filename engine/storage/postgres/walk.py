"""A walk along an index of the jobs, from each start that a query names, in the order asked for.

Each start is a row of a list, so that one text serves lists of any length, and goes no further than the page.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from engine.jobs.query import SORTED_BY, JobQuery
from engine.jobs.status import Status
from engine.storage.filters import Condition, Words, dates, rest, url

WORDS = Words(column="jobs.{}", one_of="= ANY(?::text[])", listed=list, contains="ILIKE")
ALL_TYPES = """(
    WITH RECURSIVE known (kind) AS (
        SELECT min(scraper_type) FROM jobs
        UNION ALL
        SELECT (SELECT min(scraper_type) FROM jobs WHERE scraper_type > kind) FROM known WHERE kind IS NOT NULL
    ) SELECT kind FROM known WHERE kind IS NOT NULL) AS type"""
"""One after the other, each by a look into the index: any process may bring a new one."""
TYPES = "unnest(?::text[]) AS type (kind)"
JOB_OF_TAG = "CROSS JOIN LATERAL (SELECT * FROM jobs WHERE jobs.id = job_tags.job_id OFFSET 0) AS jobs"
"""By its key, whatever else is asked of it: OFFSET 0 keeps the planner from other ways."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """`conditions` begin with those of the index that say how it starts."""

    starts: str
    start_values: Sequence[Any]
    source: str = "jobs"
    created_at: str = "jobs.created_at"
    """The column by which the index is in order."""
    job_id: str = "jobs.id"
    is_by_id: bool = False
    """Are those of one moment in the order of their ids?"""
    index: str
    conditions: Sequence[Condition]
    overlaps: bool = False
    """May it meet a job from two starts?"""

    def text(self, sort_by: str, order: str, *, beyond: str = "", limit: str) -> str:
        """Rows of (sort_key, id), from each start as many as `limit`, and those that tie with the last of them.

        `beyond` is a condition on both.
        """
        key = {name: f"jobs.{name}" for name in SORTED_BY} | {"created_at": self.created_at}
        where = " AND ".join([self.index, *(text for text, _ in self.conditions)])
        beyond = beyond.replace("(sort_key, id)", f"({key[sort_by]}, {self.job_id})")
        return (
            f"SELECT {'DISTINCT ' * self.overlaps}sort_key, id FROM {self.starts} CROSS JOIN LATERAL ("  # noqa: S608 - pieces of our own; what users give is bound
            f"SELECT {key[sort_by]} AS sort_key, {self.job_id} AS id FROM {self.source} WHERE {where}{beyond} "
            f"ORDER BY {self._ends(sort_by, order, limit)}) AS walk"
        )

    def _ends(self, sort_by: str, order: str, limit: str) -> str:
        """By what the index is in order, and no more: where it expects a row or two, PostgreSQL 15 would sort all."""
        if sort_by == "created_at" and not self.is_by_id:
            return f"sort_key {order} FETCH FIRST {limit} ROWS WITH TIES"
        return f"sort_key {order}, id {order} LIMIT {limit}"

    @property
    def values(self) -> tuple[Any, ...]:
        return (*self.start_values, *(value for _, value in self.conditions))


def walk(query: JobQuery) -> Walk:
    """Along the index that leaves the least: of a tag, a batch, a host, else of types and statuses."""
    others = tuple(rest(query, WORDS))
    if query.tags:
        return _by_tag(query, others)
    for column, wanted in (("batch_id", query.batch_id), ("host", query.host)):
        if wanted:
            return Walk(
                starts="unnest(?::text[]) AS start (value)",
                start_values=[[wanted]],
                index=f"jobs.{column} = start.value",
                conditions=[*dates(query, "jobs.created_at"), *others],
            )
    return _by_status(query)


def _by_tag(query: JobQuery, others: Sequence[Condition]) -> Walk:
    return Walk(
        starts="unnest(?::text[]) AS start (tag)",
        start_values=[_once(query.tags)],
        source=f"job_tags {JOB_OF_TAG}",
        created_at="job_tags.created_at",
        job_id="job_tags.job_id",
        is_by_id=True,
        index="job_tags.tag = start.tag",
        conditions=[*dates(query, "job_tags.created_at"), *others],
        overlaps=len(query.tags) > 1,
    )


def _by_status(query: JobQuery) -> Walk:
    types = _once(query.scraper_types)
    return Walk(
        starts=f"{TYPES if types else ALL_TYPES} CROSS JOIN unnest(?::text[]) AS state (status)",
        start_values=[*([types] if types else []), _once(query.statuses or Status)],
        index="jobs.scraper_type = type.kind AND jobs.status = state.status",
        conditions=[*dates(query, "jobs.created_at"), *url(query, WORDS)],
    )


def _once(values: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(values))
