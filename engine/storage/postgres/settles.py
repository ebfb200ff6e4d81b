"""Writes outcomes: the job's next state and, where it is done, the page."""

from collections.abc import Iterable, Sequence

from engine.jobs.job import PRIORITY_STRETCH_S
from engine.jobs.query import Settled
from engine.jobs.verdict import Retry, Settlement
from engine.storage import result_rows
from engine.storage.postgres.standing import standings
from engine.storage.postgres.transaction import Transaction
from engine.storage.settle_rows import end_of, settled_row, standing_after
from engine.storage.standing import Standing

# The arrays hold what settled_row gives.
SETTLE = """
    UPDATE jobs SET status = v.status, owner = NULL, lease_until = NULL, attempts = attempts + 1, losses = 0,
        updated_at = $1, ran_s = jobs.ran_s + v.ran_s,
        due_at = v.due_at, rank = coalesce(v.due_at - priority * $2, rank),
        completed_at = v.completed_at, error_type = v.error_type, error_message = v.error_message,
        stages = coalesce(v.stages, jobs.stages)
    FROM unnest($3::text[], $4::text[], $5::float8[], $6::float8[], $7::float8[], $8::text[], $9::text[], $10::text[])
        AS v (id, status, ran_s, due_at, completed_at, error_type, error_message, stages)
    WHERE jobs.id = v.id
"""
RESULTS = f"""
    INSERT INTO job_results ({result_rows.COLUMNS}) SELECT * FROM unnest(
        $1::text[], $2::int[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bytea[], $9::int[],
        $10::int[], $11::text[], $12::float8[], $13::text[],
        $14::int[])
"""  # noqa: S608 - constants


async def settle(transaction: Transaction, settlements: Sequence[Settlement]) -> list[Settled]:
    known = await standings(transaction, [settlement.lease.job_id for settlement in settlements])
    held: list[Settlement] = []
    ends: list[Settled] = []
    for settlement in settlements:
        standing = known.get(settlement.lease.job_id)
        if standing is not None and standing.holds(settlement.lease):
            held.append(settlement)
            standing = known[standing.job_id] = _moved(transaction, standing, settlement)
        ends.append(end_of(standing, settlement, transaction.now))
    await _write(transaction, sorted(held, key=lambda settlement: settlement.lease.job_id))
    return ends


def _moved(transaction: Transaction, standing: Standing, settlement: Settlement) -> Standing:
    after = standing_after(standing, settlement)
    if isinstance(settlement.verdict, Retry):
        transaction.scheduled(settlement.verdict.due_at)
    transaction.moved(standing.job_id, standing.lane, standing.place, after.place, standing.cohort)
    if settlement.page is not None:
        transaction.answered(standing.cohort, settlement.page.elapsed_s)
    return after


async def _write(transaction: Transaction, settlements: Iterable[Settlement]) -> None:
    settlements = tuple(settlements)
    rows = [settled_row(settlement, transaction.now) for settlement in settlements]
    await transaction.write(SETTLE, rows, transaction.now, PRIORITY_STRETCH_S)
    await transaction.write(RESULTS, result_rows.result_rows(settlements))
