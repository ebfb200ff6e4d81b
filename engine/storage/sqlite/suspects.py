"""What a start means for suspects: whether they are acquitted, and when they come.

The conditions name the figure 1 because the index of suspects does (SUSPECT_AFTER less one).
"""

from engine.jobs.job import PRIORITY_STRETCH_S
from engine.jobs.losses import SUSPECT_AFTER, lined_up
from engine.jobs.status import Status
from engine.storage.sqlite.many_rows import ManyRows
from engine.storage.sqlite.transaction import Transaction
from engine.storage.tally import SCHEDULED

ACQUIT = "UPDATE jobs SET losses = ?1 WHERE losses > 1 AND losses > ?1 AND completed_at IS NULL"
QUEUED = """
    SELECT rank + priority * ?, id, lane, due_at IS NOT NULL FROM jobs
    WHERE losses > 1 AND completed_at IS NULL AND status = 'queued'
"""
# The values of a row: id, due time.
PUT_OFF = ManyRows(
    text="""
        UPDATE jobs SET due_at = v.column2, rank = v.column2 - priority * ?
        FROM (VALUES {rows}) AS v WHERE jobs.id = v.column1
    """,
    width=2,
)


def acquit(transaction: Transaction) -> None:
    """Holds no death while alone against anybody who has not ended."""
    transaction.run(ACQUIT, SUSPECT_AFTER)


def line_up(transaction: Transaction) -> None:
    """One by one and none at once, whenever they were due: a start is not for them first."""
    suspects = sorted(transaction.rows(QUEUED, PRIORITY_STRETCH_S))
    due = lined_up([due_at for due_at, *_ in suspects], now=transaction.now)
    transaction.write(
        PUT_OFF, [(row[1], due_at) for row, due_at in zip(suspects, due, strict=True)], PRIORITY_STRETCH_S
    )
    for _, job_id, lane, is_scheduled in suspects:
        if not is_scheduled:
            transaction.moved(job_id, lane, Status.QUEUED, SCHEDULED)
