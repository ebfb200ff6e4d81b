"""Writes outcomes: the job's next state and, where it is done, the page."""

from collections.abc import Iterable, Sequence
from typing import Any

from engine.jobs.job import PRIORITY_STRETCH_S
from engine.jobs.query import Settled
from engine.jobs.status import Status
from engine.jobs.verdict import Completed, Retry, Settlement
from engine.storage.codec import encode_stages
from engine.storage.sqlite.many_rows import ManyRows
from engine.storage.sqlite.result_rows import RESULTS, result_rows
from engine.storage.sqlite.standing import Standing, standings
from engine.storage.sqlite.transaction import Transaction

# The values of a row: id, status, seconds it ran, due time of a retry, time of the end, error, message, stages.
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
        ends.append(_end(standing, settlement, transaction.now))
    _write(transaction, sorted(held, key=lambda settlement: settlement.lease.job_id))
    return ends


def _moved(transaction: Transaction, standing: Standing, settlement: Settlement) -> Standing:
    is_retry = isinstance(settlement.verdict, Retry)
    status = _status(settlement)
    after = standing._replace(status=status, is_scheduled=is_retry, attempts=standing.attempts + 1)
    transaction.moved(standing.job_id, standing.lane, standing.place, after.place)
    return after


def _end(standing: Standing | None, settlement: Settlement, now: float) -> Settled:
    if standing is None:  # a job that is not there is nobody's to settle
        return Settled(accepted=False, status=Status.CANCELLED)
    return Settled(accepted=standing.was_settled_by(settlement.lease), status=Status(standing.status), at=now)


def _write(transaction: Transaction, settlements: Iterable[Settlement]) -> None:
    settlements = tuple(settlements)
    rows = [_row(settlement, transaction.now) for settlement in settlements]
    transaction.write(SETTLE, rows, transaction.now, PRIORITY_STRETCH_S)
    transaction.write(RESULTS, result_rows(settlements))


def _row(settlement: Settlement, now: float) -> tuple[Any, ...]:
    verdict, job_id, elapsed_s = settlement.verdict, settlement.lease.job_id, settlement.outcome.elapsed_s
    stages = _stages(settlement, now)
    if isinstance(verdict, Completed):
        return (job_id, Status.COMPLETED.value, elapsed_s, None, now, None, None, stages)
    due_at, ended_at = (verdict.due_at, None) if isinstance(verdict, Retry) else (None, now)
    error, message = verdict.error_type.value, verdict.message
    return (job_id, _status(settlement), elapsed_s, due_at, ended_at, error, message, stages)


def _stages(settlement: Settlement, now: float) -> str | None:
    return encode_stages(settlement.spent(settled_at=now), before=settlement.lease.spent)


def _status(settlement: Settlement) -> str:
    if isinstance(settlement.verdict, Completed):
        return Status.COMPLETED.value
    return Status.QUEUED.value if isinstance(settlement.verdict, Retry) else Status.FAILED.value
