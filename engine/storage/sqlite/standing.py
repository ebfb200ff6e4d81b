"""Reads where jobs stand."""

from collections.abc import Iterable

from engine.storage.codec import dumps
from engine.storage.sqlite.daily import COHORT
from engine.storage.sqlite.transaction import Transaction
from engine.storage.standing import Standing

STANDING = f"json_array(id, fence, status, due_at IS NOT NULL, attempts, lane, {COHORT})"
STANDINGS = f"SELECT json_group_array({STANDING}) FROM jobs WHERE id IN (SELECT value FROM json_each(?))"  # noqa: S608 - constants


def standings(transaction: Transaction, job_ids: Iterable[str]) -> dict[str, Standing]:
    """Of the jobs that exist."""
    found = transaction.parsed(STANDINGS, dumps(list(job_ids)))
    return {row[0]: Standing(*row) for row in found}
