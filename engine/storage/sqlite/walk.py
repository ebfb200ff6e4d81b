"""A walk along one index of the jobs, and which walks together meet all that a query asks for."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Any

from engine.jobs.query import SORTED_BY, JobQuery
from engine.jobs.status import Status
from engine.storage.codec import dumps
from engine.storage.filters import Condition, Words, dates, rest, url

WORDS = Words(
    column="+jobs.{}",  # the plus keeps SQLite from walking along another index for it
    one_of="IN (SELECT value FROM json_each(?))",
    listed=dumps,
    contains="LIKE",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Walk:
    """`conditions` begin with those of the index."""

    source: str
    created_at: str
    """The column by which the index is in order."""
    job_id: str
    conditions: Sequence[Condition]
    overlaps: bool = False
    """May it meet a job that another walk of the query meets?"""

    def text(self, sort_by: str, beyond: str = "") -> str:
        """`beyond` is a condition on (sort_key, id)."""
        key = {name: f"jobs.{name}" for name in SORTED_BY} | {"created_at": self.created_at}
        where = " AND ".join(text for text, _ in self.conditions)
        beyond = beyond.replace("(sort_key, id)", f"({key[sort_by]}, {self.job_id})")
        return f"SELECT {key[sort_by]} AS sort_key, {self.job_id} AS id FROM {self.source} WHERE {where}{beyond}"  # noqa: S608 - pieces of our own; what users give is bound

    @property
    def values(self) -> tuple[Any, ...]:
        return tuple(value for _, value in self.conditions)


def walks(query: JobQuery, types: Iterable[str]) -> Sequence[Walk]:
    """None where nothing can be found."""
    others = tuple(rest(query, WORDS))
    if query.tags:
        return [_by_tag(query, tag, others) for tag in query.tags]
    if query.batch_id:
        return [_by(query, [("jobs.batch_id = ?", query.batch_id)], others)]
    if query.host:
        return [_by(query, [("jobs.host = ?", query.host)], others)]
    kinds = [kind for kind in sorted(set(types)) if kind in (query.scraper_types or (kind,))]
    return [
        _by(query, [("jobs.scraper_type = ?", kind), ("jobs.status = ?", status.value)], tuple(url(query, WORDS)))
        for kind, status in product(kinds, dict.fromkeys(query.statuses or Status))
    ]


def _by_tag(query: JobQuery, tag: str, others: Iterable[Condition]) -> Walk:
    return Walk(
        source="job_tags CROSS JOIN jobs ON jobs.id = job_tags.job_id",
        created_at="job_tags.created_at",
        job_id="job_tags.job_id",
        conditions=[("job_tags.tag = ?", tag), *dates(query, "job_tags.created_at"), *others],
        overlaps=len(query.tags) > 1,
    )


def _by(query: JobQuery, index: Sequence[Condition], others: Iterable[Condition]) -> Walk:
    return Walk(
        source="jobs",
        created_at="jobs.created_at",
        job_id="jobs.id",
        conditions=[*index, *dates(query, "jobs.created_at"), *others],
    )
