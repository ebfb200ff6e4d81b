"""Writes outcomes: the job's next state and, where it is done, the page."""

from collections.abc import Sequence

from asyncpg import Record

from engine.jobs.job import PRIORITY_STRETCH_S
from engine.jobs.query import Settled
from engine.jobs.status import Status
from engine.jobs.verdict import Retry, Settlement
from engine.storage import result_rows
from engine.storage.postgres.daily import COHORT
from engine.storage.postgres.standing import RUNS, standings
from engine.storage.postgres.transaction import Transaction, columns
from engine.storage.settle_rows import accepted, end_of, settled_row
from engine.storage.tally import SCHEDULED

# The arrays hold what settled_row gives, and the fences.
SETTLE = f"""
    UPDATE jobs SET status = v.status, owner = NULL, lease_until = NULL, attempts = attempts + 1, losses = 0,
        updated_at = $1, ran_s = jobs.ran_s + v.ran_s,
        due_at = v.due_at, rank = coalesce(v.due_at - priority * $2, rank),
        completed_at = v.completed_at, error_type = v.error_type, error_message = v.error_message,
        stages = coalesce(v.stages, jobs.stages)
    FROM unnest($3::text[], $4::text[], $5::float8[], $6::float8[], $7::float8[], $8::text[], $9::text[], $10::text[],
            $11::int[]) WITH ORDINALITY
        AS v (id, status, ran_s, due_at, completed_at, error_type, error_message, stages, fence, place)
    WHERE jobs.id = v.id AND jobs.fence = v.fence AND {RUNS}
    RETURNING v.place, jobs.lane, v.status, {COHORT}
"""  # noqa: S608 - constants
"""Says which are settled by it; of several of one fence that is the first."""
RESULTS = result_rows.COLUMNS.split(", ")


async def settle(transaction: Transaction, settlements: Sequence[Settlement]) -> list[Settled]:
    """Where jobs stand is asked only of those that are not held by their leases any more."""
    asked = sorted(settlements, key=lambda settlement: settlement.lease.job_id)
    if not asked:
        return []
    arrays = columns((*settled_row(each, transaction.now), each.lease.fence) for each in asked)
    rows = await transaction.rows(SETTLE, transaction.now, PRIORITY_STRETCH_S, *arrays)
    held = [asked[row[0] - 1] for row in rows]
    for settlement, row in zip(held, rows, strict=True):
        _moved(transaction, settlement, row)
    await transaction.copy("job_results", RESULTS, result_rows.result_rows(held))
    return await _ends(transaction, settlements, {id(each): row[2] for each, row in zip(held, rows, strict=True)})


def _moved(transaction: Transaction, settlement: Settlement, row: Record) -> None:
    _, lane, status, *cohort = row
    day, scraper_type = cohort
    after = status
    if isinstance(settlement.verdict, Retry):
        transaction.scheduled(settlement.verdict.due_at)
        after = SCHEDULED
    transaction.moved(settlement.lease.job_id, lane, Status.RUNNING, after, (day, scraper_type))
    if settlement.page is not None:
        transaction.answered((day, scraper_type), settlement.page.elapsed_s)


async def _ends(transaction: Transaction, settlements: Sequence[Settlement], settled: dict[int, str]) -> list[Settled]:
    """`settled` is the status by the identity of the settlement."""
    others = [each.lease.job_id for each in settlements if id(each) not in settled]
    known = await standings(transaction, others) if others else {}
    return [
        accepted(settled[id(each)], transaction.now)
        if id(each) in settled
        else end_of(known.get(each.lease.job_id), each, transaction.now)
        for each in settlements
    ]
