"""Writes outcomes: the job's next state and, where it is done, the page."""

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from typing import Any

from asyncpg import Record

from engine.jobs.job import PRIORITY_STRETCH_S
from engine.jobs.outcome import Page
from engine.jobs.query import Settled
from engine.jobs.verdict import Retry, Settlement, Verdict
from engine.storage import result_rows
from engine.storage.codec import encode_stages
from engine.storage.postgres.arrays import columns, told
from engine.storage.postgres.daily import COHORT
from engine.storage.postgres.standing import RUNS, standings
from engine.storage.postgres.transaction import Transaction
from engine.storage.settle_rows import AFTER, accepted, end_of, fate
from engine.storage.tally import SCHEDULED, Cohort

SETTLE = f"""
    UPDATE jobs SET status = coalesce(v.status, 'completed'), owner = NULL, lease_until = NULL,
        attempts = attempts + 1, losses = 0, updated_at = $1, ran_s = jobs.ran_s + v.ran_s,
        due_at = v.due_at, rank = coalesce(v.due_at - priority * $2, rank),
        completed_at = CASE WHEN v.due_at IS NULL THEN $1::float8 END, error_type = v.error_type,
        error_message = v.error_message, stages = coalesce(v.stages, jobs.stages)
    FROM unnest($3::text::text[], $4::text::int[], $5::text::text[], $6::text::float8[], $7::text[],
            $8::text::float8[], $9::text[], $10::text[]) WITH ORDINALITY
        AS v (id, fence, stages, ran_s, status, due_at, error_type, error_message, place)
    WHERE jobs.id = v.id AND jobs.fence = v.fence AND {RUNS}
    RETURNING v.place, jobs.lane, {COHORT}
"""  # noqa: S608 - constants
"""Says which are settled by it; of several of one fence that is the first."""
RESULTS = result_rows.COLUMNS.split(", ")
JOB_ID = attrgetter("lease.job_id")


async def settle(transaction: Transaction, settlements: Sequence[Settlement]) -> list[Settled]:
    """Where jobs stand is asked only of those that are not held by their leases any more."""
    asked = sorted(settlements, key=JOB_ID)
    if not asked:
        return []
    now = transaction.now
    ids, fences, stages, *others = columns(_row(each, now) for each in asked)
    rows = await transaction.rows(SETTLE, now, PRIORITY_STRETCH_S, told(ids), fences, stages and told(stages), *others)
    held = [asked[row[0] - 1] for row in rows]
    _moved(transaction, held, rows)
    await transaction.copy("job_results", RESULTS, result_rows.result_rows(held))
    ends = {kind: accepted(status.value, now) for kind, status in AFTER.items()}
    if len(held) == len(asked):
        return [ends[type(each.verdict)] for each in settlements]
    return await _ends(transaction, settlements, {id(each): ends[type(each.verdict)] for each in held})


def _row(settlement: Settlement, now: float) -> tuple[Any, ...]:
    lease = settlement.lease
    stages = encode_stages(settlement.spent(settled_at=now), before=lease.spent)
    return (lease.job_id, lease.fence, stages, settlement.outcome.elapsed_s, *fate(settlement.verdict))


def _moved(transaction: Transaction, held: Iterable[Settlement], rows: Iterable[Record]) -> None:
    alike: dict[tuple[type[Verdict], Cohort], list[tuple[str, Settlement]]] = {}
    for settlement, (_, lane, day, scraper_type) in zip(held, rows, strict=True):
        alike.setdefault((type(settlement.verdict), (day, scraper_type)), []).append((lane, settlement))
    for (kind, cohort), some in alike.items():
        lanes, settlements = zip(*some, strict=True)
        after = SCHEDULED if kind is Retry else AFTER[kind].value
        transaction.settled(after, cohort, [each.lease.job_id for each in settlements], lanes)
        for verdict in (each.verdict for each in settlements if kind is Retry):
            transaction.scheduled(verdict.due_at)
        pages = [each.outcome for each in settlements if isinstance(each.outcome, Page)]
        if kind is not Retry:
            transaction.answered(cohort, [page.elapsed_s for page in pages])


async def _ends(
    transaction: Transaction, settlements: Sequence[Settlement], settled: Mapping[int, Settled]
) -> list[Settled]:
    """`settled` are the ends of those that held, by the identity of the settlement."""
    others = [each.lease.job_id for each in settlements if id(each) not in settled]
    known = await standings(transaction, others)
    return [
        settled.get(id(each)) or end_of(known.get(each.lease.job_id), each, transaction.now) for each in settlements
    ]
