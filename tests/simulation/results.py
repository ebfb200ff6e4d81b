"""What users find in the file when all is over: every job with the end that the web gave it."""

from collections.abc import Iterable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from engine.jobs.outcome import ErrorType, Outcome, Page
from engine.jobs.status import FINAL, Status
from engine.jobs.verdict import RETRIED_STATUSES
from engine.storage.frames import decompressed
from engine.storage.sqlite.connection import open_reader
from tests.simulation.books import Books, Row
from tests.simulation.web import TOXIC, UNSTORABLE

RESULTS = "SELECT job_id, fence, status_code, size, body, sha256 FROM job_results"
OUR_OWN = {ErrorType.INTERNAL, ErrorType.POISON}
OF_A_SUSPECT = 2
"""Fetches that were cut short or came to nothing, and losses: who crashed over them twice was given up."""


class Result(NamedTuple):
    job_id: str
    fence: int
    status_code: int
    size: int
    body: bytes | None
    sha256: str | None


def wrong_results(path: Path, books: Books) -> Iterator[str]:
    """A sentence each."""
    with closing(open_reader(path)) as connection:
        results = {row[0]: Result(*row) for row in connection.execute(RESULTS)}
    for job_id in books.acknowledged - books.rows.keys():
        yield f"{job_id} was acknowledged and is lost"
    for row in books.rows.values():
        yield from _wrong(row, results.get(row.id), books)


def _wrong(row: Row, result: Result | None, books: Books) -> Iterator[str]:
    outcomes = books.outcomes.get(row.id, [])
    if row.status not in FINAL:
        yield f"{row} is not settled"
    if row.status is Status.COMPLETED and (result is None or not _was_served(result, outcomes)):
        yield f"{row} has a result that no site gave: {result}"
    if row.status is Status.COMPLETED and result is not None and result.fence != row.fence:
        yield f"{row} has the result of fence {result.fence}"
    if row.status is Status.CANCELLED and result is not None:
        yield f"{row} was cancelled and has a result"
    if row.status is Status.FAILED and not _may_fail(row, outcomes, books):
        yield f"{row} failed, and the web did not: {outcomes}"


def _was_served(result: Result, outcomes: Iterable[Outcome]) -> bool:
    return any(_is_of(result, outcome) for outcome in outcomes if isinstance(outcome, Page))


def _is_of(result: Result, page: Page) -> bool:
    body = b"" if result.body is None else decompressed(result.body, result.job_id)
    kept = (result.status_code, result.size, body, result.sha256)
    return kept == (page.status_code, page.size, page.body, page.chunks and page.chunks.sha256)


def _may_fail(row: Row, outcomes: Iterable[Outcome], books: Books) -> bool:
    kind = row.error_type
    if kind in OUR_OWN:
        came_to_nothing = books.fetches[row.id] - row.attempts + 1
        lost = max(books.cuts[row.id] + row.losses, came_to_nothing)
        return TOXIC in row.id or UNSTORABLE in row.id or lost >= OF_A_SUSPECT
    is_lost = kind == ErrorType.CONNECTION_LOST and row.losses > 0 and not books.jobs[row.id].request.may_repeat
    return is_lost or any(_type_of(outcome) == kind for outcome in outcomes)


def _type_of(outcome: Outcome) -> str | None:
    if not isinstance(outcome, Page):
        return outcome.error_type
    if outcome.status_code not in RETRIED_STATUSES:
        return None
    return ErrorType.HTTP_5XX if outcome.status_code >= 500 else ErrorType.HTTP_4XX
