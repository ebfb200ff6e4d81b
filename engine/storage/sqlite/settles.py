"""Writes outcomes: the job's next state and, where it is done, the page.

A row is written only where its lease still holds. Mostly all do, and their number tells; if some do not, what was
written is undone, and it is asked where each job stands.
"""

from collections.abc import Iterable, Sequence
from operator import attrgetter

from engine.jobs.job import PRIORITY_STRETCH_S
from engine.jobs.lease import Counted
from engine.jobs.outcome import Page
from engine.jobs.query import Settled
from engine.jobs.status import Status
from engine.jobs.verdict import Completed, Retry, Settlement, Verdict
from engine.storage.codec import dumps
from engine.storage.result_rows import result_rows
from engine.storage.settle_rows import AFTER, accepted, completed_row, end_of, settled_row, standing_after
from engine.storage.sqlite.many_rows import ManyRows
from engine.storage.sqlite.results import keep
from engine.storage.sqlite.standing import standings
from engine.storage.sqlite.transaction import Transaction
from engine.storage.tally import SCHEDULED

# The values are those of completed_row, by id: to find that in a value takes twice as long. The plus keeps SQLite from
# looking among all that run. Who undoes all of the transaction if it fails needs no copies of its pages, which SQLite
# else makes for what changes many rows.
COMPLETE = """
    UPDATE OR ROLLBACK jobs SET status = 'completed', owner = NULL, lease_until = NULL, attempts = attempts + 1,
        losses = 0, updated_at = ?1, ran_s = ran_s + (v.value ->> 1), due_at = NULL, completed_at = ?1,
        error_type = NULL, error_message = NULL, stages = coalesce(v.value ->> 2, stages)
    FROM json_each(?2) AS v
    WHERE jobs.id = v.key AND jobs.fence = v.value ->> 0 AND +jobs.status = 'running'
"""
# The values of a row are those of settled_row, and the fence.
SETTLE = ManyRows(
    text="""
        UPDATE jobs SET status = v.column2, owner = NULL, lease_until = NULL, attempts = attempts + 1, losses = 0,
            updated_at = ?, ran_s = ran_s + v.column3,
            due_at = v.column4, rank = coalesce(v.column4 - priority * ?, rank),
            completed_at = v.column5, error_type = v.column6, error_message = v.column7,
            stages = coalesce(v.column8, stages)
        FROM (VALUES {rows}) AS v
        WHERE jobs.id = v.column1 AND jobs.fence = v.column9 AND +jobs.status = 'running'
    """,
    width=9,
)
JOB_ID = attrgetter("lease.job_id")


def settle(transaction: Transaction, settlements: Sequence[Settlement]) -> list[Settled]:
    ordered = sorted(settlements, key=JOB_ID)
    counted = [of_job for settlement in ordered if (of_job := settlement.lease.counted) is not None]
    if len(counted) == len(ordered) == _written(transaction, ordered):
        _keep(transaction, ordered, counted)
        ends = {kind: accepted(status.value, transaction.now) for kind, status in AFTER.items()}
        return [ends[type(settlement.verdict)] for settlement in settlements]
    transaction.begin_again()
    return _settle_held(transaction, settlements)


def _settle_held(transaction: Transaction, settlements: Sequence[Settlement]) -> list[Settled]:
    """Of several of one fence that is the first."""
    known = standings(transaction, [settlement.lease.job_id for settlement in settlements])
    held: list[Settlement] = []
    ends: list[Settled] = []
    for settlement in settlements:
        standing = known.get(settlement.lease.job_id)
        if standing is not None and standing.holds(settlement.lease):
            held.append(settlement)
            standing = known[standing.job_id] = standing_after(standing, settlement)
        ends.append(end_of(standing, settlement, transaction.now))
    held.sort(key=JOB_ID)
    _written(transaction, held)
    _keep(transaction, held, [known[settlement.lease.job_id].counted for settlement in held])
    return ends


def _written(transaction: Transaction, settlements: Iterable[Settlement]) -> int:
    """How many of their leases held."""
    now, completed, others = transaction.now, {}, []
    for settlement in settlements:
        if isinstance(settlement.verdict, Completed):
            completed[settlement.lease.job_id] = completed_row(settlement, now)
        else:
            others.append((*settled_row(settlement, now), settlement.lease.fence))
    held = transaction.run(COMPLETE, now, dumps(completed)) if completed else 0
    return held + transaction.write(SETTLE, others, now, PRIORITY_STRETCH_S)


def _keep(transaction: Transaction, settlements: Sequence[Settlement], counted: Iterable[Counted]) -> None:
    """Their pages, and what they count in."""
    alike: dict[tuple[Counted, type[Verdict]], list[Settlement]] = {}
    for of_job, settlement in zip(counted, settlements, strict=True):
        alike.setdefault((of_job, type(settlement.verdict)), []).append(settlement)
    for ((lane, day, scraper_type), kind), some in alike.items():
        after = SCHEDULED if kind is Retry else AFTER[kind].value
        job_ids = [settlement.lease.job_id for settlement in some]
        transaction.moved_together(job_ids, lane, Status.RUNNING, after, (day, scraper_type))
        if kind is not Retry:
            pages = [settlement.outcome for settlement in some if isinstance(settlement.outcome, Page)]
            transaction.answered((day, scraper_type), [page.elapsed_s for page in pages])
    keep(transaction, result_rows(settlements))
