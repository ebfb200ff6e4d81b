"""Prolongs leases, and takes back jobs from who held them."""

from collections.abc import Iterable, Mapping, Sequence

from engine.jobs.command import BeginAlone
from engine.jobs.job import PRIORITY_STRETCH_S
from engine.jobs.lease import Lease
from engine.jobs.losses import LOST, POISONED, after_loss, is_suspect, most_losses, put_off_s
from engine.jobs.outcome import ErrorType
from engine.jobs.status import Status
from engine.storage.codec import dumps
from engine.storage.fates import Ended, Fate, fates_of
from engine.storage.held import Held, may_repeat
from engine.storage.sqlite.many_rows import ManyRows
from engine.storage.sqlite.standing import standings
from engine.storage.sqlite.transaction import Transaction
from engine.storage.tally import SCHEDULED

NOT_HELD = """
    SELECT json_group_array(lease.key) FROM json_each(?) AS lease
    WHERE NOT EXISTS (
        SELECT 1 FROM jobs
        WHERE id = json_extract(lease.value, '$[0]') AND fence = json_extract(lease.value, '$[1]')
        AND status = 'running')
"""
RENEW = """
    UPDATE jobs SET lease_until = ? FROM json_each(?) AS lease
    WHERE jobs.id = json_extract(lease.value, '$[0]') AND jobs.fence = json_extract(lease.value, '$[1]')
    AND jobs.status = 'running'
"""
BEGIN_ALONE = "UPDATE jobs SET alone = fence WHERE id = ? AND fence = ? AND status = 'running'"
GIVE_BACK = """
    UPDATE jobs SET status = 'queued', owner = NULL, lease_until = NULL, updated_at = ?1
    WHERE id IN (SELECT value FROM json_each(?2))
"""
# The values of a row: id, losses if they change, due time of a suspect. Without a loss it keeps its place in the lane.
QUEUE_AGAIN = ManyRows(
    text="""
        UPDATE jobs SET status = 'queued', owner = NULL, lease_until = NULL, updated_at = ?,
            losses = coalesce(v.column2, losses), due_at = v.column3,
            rank = CASE WHEN v.column2 IS NULL THEN rank ELSE coalesce(v.column3 - priority * ?, rank) END
        FROM (VALUES {rows}) AS v WHERE jobs.id = v.column1
    """,
    width=3,
)
GIVE_UP = """
    UPDATE jobs SET status = 'failed', owner = NULL, lease_until = NULL, updated_at = ?1, completed_at = ?1,
        losses = max(losses, min(losses + 1, ?2)), error_type = ?3, error_message = ?4
    WHERE id IN (SELECT value FROM json_each(?5))
"""
OF_OWNER = """
    SELECT json_group_array(json_array(id, lane, losses)) FROM jobs WHERE status = 'running' AND owner = ?
        AND id NOT IN (SELECT value FROM json_each(?))
"""
ENDED = """
    SELECT json_group_array(json_array(id, lane, losses, alone IS fence, method, json(request))) FROM (
        SELECT id, lane, losses, alone, fence, method, request FROM jobs WHERE status = 'running' AND lease_until <= ?
            AND id NOT IN (SELECT value FROM json_each(?))
        ORDER BY lease_until LIMIT ?)
"""


def renew(transaction: Transaction, leases: Sequence[Lease], *, lease_s: float) -> list[Lease]:
    """Which of them are lost is asked only when some are: a period costs one statement."""
    keys = dumps([lease.key for lease in leases])
    if transaction.run(RENEW, transaction.now + lease_s, keys) == len(leases):
        return []
    lost = transaction.parsed(NOT_HELD, keys)
    return [leases[place] for place in sorted(lost)]


def give_back(transaction: Transaction, leases: Iterable[Lease], *, lost: bool) -> None:
    jobs = _held(transaction, leases)
    if lost:
        _lost(transaction, list(jobs.items()))
    else:
        take_back(transaction, jobs)


def put_off(transaction: Transaction, leases: Iterable[Lease], *, before: int) -> None:
    rows: list[tuple[str, None, float]] = []
    for place, job in enumerate(sorted(_held(transaction, leases)), before):
        rows.append((job.job_id, None, transaction.now + put_off_s(job.losses, before=place)))
        transaction.moved(job.job_id, job.lane, Status.RUNNING, SCHEDULED)
    transaction.write(QUEUE_AGAIN, rows, transaction.now, PRIORITY_STRETCH_S)


def release(transaction: Transaction, owner: str, keeping: Iterable[Lease]) -> int:
    held = [Held(*row) for row in transaction.parsed(OF_OWNER, owner, _ids(keeping))]
    take_back(transaction, held)
    return len(held)


def rescue(transaction: Transaction, limit: int, keeping: Iterable[Lease]) -> int:
    rows = transaction.parsed(ENDED, transaction.now, _ids(keeping), limit)
    ended = [Ended(Held(*row), bool(alone), not may_repeat(method, rest)) for *row, alone, method, rest in rows]
    meet(transaction, fates_of(ended))
    return len(ended)


def begin_alone(transaction: Transaction, commands: Iterable[BeginAlone]) -> None:
    for command in commands:
        transaction.run(BEGIN_ALONE, command.job_id, command.fence)


def meet(transaction: Transaction, fates: Mapping[Fate, Iterable[Held]]) -> None:
    take_back(transaction, fates.get(Fate.UNHARMED, ()))
    lose(transaction, fates.get(Fate.LOST_IN_COMPANY, ()))
    lose(transaction, fates.get(Fate.LOST_ALONE, ()), alone=True)
    give_up(transaction, fates.get(Fate.UNREPEATABLE, ()), ErrorType.CONNECTION_LOST, LOST)
    give_up(transaction, fates.get(Fate.POISON, ()), ErrorType.POISON, POISONED, alone=True)


def take_back(transaction: Transaction, jobs: Iterable[Held]) -> None:
    """Without a loss."""
    jobs = sorted(jobs)
    if jobs:
        transaction.run(GIVE_BACK, transaction.now, dumps([job.job_id for job in jobs]))
    for job in jobs:
        transaction.moved(job.job_id, job.lane, Status.RUNNING, Status.QUEUED)


def lose(transaction: Transaction, jobs: Iterable[Held], *, alone: bool = False) -> None:
    """Suspects are put off, one behind the other."""
    rows: list[tuple[str, int, float | None]] = []
    put_off = 0
    for job in sorted(jobs):
        losses = after_loss(job.losses, alone=alone)
        due_at = transaction.now + put_off_s(losses, before=put_off) if is_suspect(losses) else None
        rows.append((job.job_id, losses, due_at))
        put_off += due_at is not None
        transaction.moved(job.job_id, job.lane, Status.RUNNING, SCHEDULED if due_at else Status.QUEUED)
    transaction.write(QUEUE_AGAIN, rows, transaction.now, PRIORITY_STRETCH_S)


def give_up(
    transaction: Transaction, jobs: Iterable[Held], error_type: ErrorType, message: str, *, alone: bool = False
) -> None:
    """After a loss that is one too many."""
    job_ids = sorted(job.job_id for job in jobs)
    if not job_ids:
        return
    transaction.run(GIVE_UP, transaction.now, most_losses(alone=alone), error_type.value, message, dumps(job_ids))
    transaction.ends[error_type] += len(job_ids)
    for standing in standings(transaction, job_ids).values():
        transaction.moved(standing.job_id, standing.lane, Status.RUNNING, Status.FAILED, standing.cohort)


def _held(transaction: Transaction, leases: Iterable[Lease]) -> Mapping[Held, bool]:
    """Of those whose leases hold, with whether each may be sent again."""
    leases = tuple(leases)
    known = standings(transaction, [lease.job_id for lease in leases])
    held = {lease.job_id: lease for lease in leases if (at := known.get(lease.job_id)) and at.holds(lease)}
    return {Held(job_id, known[job_id].lane, lease.losses): lease.request.may_repeat for job_id, lease in held.items()}


def _lost(transaction: Transaction, jobs: Sequence[tuple[Held, bool]]) -> None:
    """With whether each may be sent again."""
    lose(transaction, [job for job, is_safe in jobs if is_safe])
    give_up(transaction, [job for job, is_safe in jobs if not is_safe], ErrorType.CONNECTION_LOST, LOST)


def _ids(leases: Iterable[Lease]) -> str:
    return dumps([lease.job_id for lease in leases])
