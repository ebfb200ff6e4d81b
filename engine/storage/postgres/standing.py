"""Reads where jobs stand, and holds them there until the transaction ends."""

from collections.abc import Iterable

from engine.storage.postgres.daily import COHORT
from engine.storage.postgres.transaction import Transaction
from engine.storage.standing import Standing

STANDING = f"id, fence, status, due_at IS NOT NULL, attempts, lane, {COHORT}"
STANDINGS = f"SELECT {STANDING} FROM jobs WHERE id = ANY($1::text[]) ORDER BY id FOR UPDATE"  # noqa: S608 - a constant
RUNS = "CASE jobs.status WHEN 'running' THEN true ELSE false END"
"""Of jobs that are met by their ids. Said plainly, a plan made after a time of rest meets them among all that run, of
which it knows none: 200 were then settled among 4,000 at five times the cost. Of this the planner believes that half
of all jobs do, and goes by the ids."""


async def standings(transaction: Transaction, job_ids: Iterable[str]) -> dict[str, Standing]:
    """Of the jobs that exist."""
    return {row[0]: Standing(*row) for row in await transaction.rows(STANDINGS, list(job_ids))}
