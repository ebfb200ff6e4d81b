"""Removes results whose time is over.

Nothing is indexed for it: a table's rows lie in the order in which they were written, and a result is written when its
job ends. So the oldest come first, and behind one that is kept there is none to remove.
"""

import sqlite3

from engine.storage.codec import dumps
from engine.storage.sqlite.results import forget
from engine.storage.sqlite.transaction import Transaction

OLDEST = """
    SELECT completed_at FROM (SELECT job_id FROM job_results ORDER BY rowid LIMIT 1) CROSS JOIN jobs ON id = job_id
"""
EXPIRED = """
    SELECT json_group_array(id)
    FROM (SELECT job_id FROM job_results ORDER BY rowid LIMIT ?) CROSS JOIN jobs ON id = job_id
    WHERE completed_at <= ?
"""


def oldest(connection: sqlite3.Connection) -> float | None:
    """When the job of the oldest result ended; None if there is no result."""
    found: list[tuple[float]] = connection.execute(OLDEST).fetchall()
    return found[0][0] if found else None


def prune(transaction: Transaction, limit: int, *, kept_s: float) -> int:
    """Removes up to `limit` results of jobs that ended so long ago, and says how many."""
    expired = transaction.parsed(EXPIRED, limit, transaction.now - kept_s)
    forget(transaction, dumps(expired))
    return len(expired)
