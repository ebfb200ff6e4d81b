"""Writes outcomes: the job's next state and, where it is done, the page."""

from collections.abc import Iterable, Sequence

from engine.jobs.job import PRIORITY_STRETCH_S
from engine.jobs.query import Settled
from engine.jobs.verdict import Settlement
from engine.storage.result_rows import result_rows
from engine.storage.settle_rows import end_of, settled_row, standing_after
from engine.storage.sqlite.many_rows import ManyRows
from engine.storage.sqlite.results import keep
from engine.storage.sqlite.standing import standings
from engine.storage.sqlite.transaction import Transaction
from engine.storage.standing import Standing

# The values of a row are those of settled_row.
SETTLE = ManyRows(
    text="""
        UPDATE jobs SET status = v.column2, owner = NULL, lease_until = NULL, attempts = attempts + 1, losses = 0,
            updated_at = ?, ran_s = ran_s + v.column3,
            due_at = v.column4, rank = coalesce(v.column4 - priority * ?, rank),
            completed_at = v.column5, error_type = v.column6, error_message = v.column7,
            stages = coalesce(v.column8, stages)
        FROM (VALUES {rows}) AS v WHERE jobs.id = v.column1
    """,
    width=8,
)


def settle(transaction: Transaction, settlements: Sequence[Settlement]) -> list[Settled]:
    known = standings(transaction, [settlement.lease.job_id for settlement in settlements])
    held: list[Settlement] = []
    ends: list[Settled] = []
    for settlement in settlements:
        standing = known.get(settlement.lease.job_id)
        if standing is not None and standing.holds(settlement.lease):
            held.append(settlement)
            standing = known[standing.job_id] = _moved(transaction, standing, settlement)
        ends.append(end_of(standing, settlement, transaction.now))
    _write(transaction, sorted(held, key=lambda settlement: settlement.lease.job_id))
    return ends


def _moved(transaction: Transaction, standing: Standing, settlement: Settlement) -> Standing:
    after = standing_after(standing, settlement)
    transaction.moved(standing.job_id, standing.lane, standing.place, after.place, standing.cohort)
    if (page := settlement.page) is not None:
        transaction.answered(standing.cohort, page.elapsed_s)
    return after


def _write(transaction: Transaction, settlements: Iterable[Settlement]) -> None:
    settlements = tuple(settlements)
    rows = [settled_row(settlement, transaction.now) for settlement in settlements]
    transaction.write(SETTLE, rows, transaction.now, PRIORITY_STRETCH_S)
    keep(transaction, result_rows(settlements))
