"""Prolongs leases, and takes back jobs from who held them."""

from collections.abc import Iterable, Mapping, Sequence

import orjson

from engine.jobs.command import BeginAlone
from engine.jobs.job import PRIORITY_STRETCH_S
from engine.jobs.lease import Lease
from engine.jobs.losses import LOST, POISONED, after_loss, is_suspect, most_losses, put_off_s
from engine.jobs.outcome import ErrorType
from engine.jobs.status import Status
from engine.storage.fates import Ended, Fate, fates_of
from engine.storage.held import Held, may_repeat
from engine.storage.postgres.arrays import columns
from engine.storage.postgres.standing import RUNS, standings
from engine.storage.postgres.transaction import Transaction
from engine.storage.tally import SCHEDULED

RENEW = f"""
    UPDATE jobs SET lease_until = $1 FROM unnest($2::text[], $3::text::int[]) AS lease (id, fence)
    WHERE jobs.id = lease.id AND jobs.fence = lease.fence AND {RUNS}
"""  # noqa: S608 - constants
HELD = f"""
    SELECT jobs.id, jobs.fence FROM unnest($1::text[], $2::text::int[]) AS lease (id, fence)
    JOIN jobs ON jobs.id = lease.id AND jobs.fence = lease.fence AND {RUNS}
"""  # noqa: S608 - constants
BEGIN_ALONE = f"""
    UPDATE jobs SET alone = jobs.fence FROM unnest($1::text[], $2::text::int[]) AS lease (id, fence)
    WHERE jobs.id = lease.id AND jobs.fence = lease.fence AND {RUNS}
"""  # noqa: S608 - constants
GIVE_BACK = """
    UPDATE jobs SET status = 'queued', owner = NULL, lease_until = NULL, updated_at = $1 WHERE id = ANY($2::text[])
"""
QUEUE_AGAIN = """
    UPDATE jobs SET status = 'queued', owner = NULL, lease_until = NULL, updated_at = $1,
        losses = coalesce(v.losses, jobs.losses), due_at = v.due_at,
        rank = CASE WHEN v.losses IS NULL THEN rank ELSE coalesce(v.due_at - priority * $2, rank) END
    FROM unnest($3::text[], $4::text::int[], $5::text::float8[]) AS v (id, losses, due_at) WHERE jobs.id = v.id
"""
GIVE_UP = """
    UPDATE jobs SET status = 'failed', owner = NULL, lease_until = NULL, updated_at = $1, completed_at = $1,
        losses = greatest(losses, least(losses + 1, $2)), error_type = $3, error_message = $4
    WHERE id = ANY($5::text[])
"""
OF_OWNER = """
    SELECT id, lane, losses FROM jobs WHERE status = 'running' AND owner = $1 AND id <> ALL($2::text[])
    ORDER BY id FOR UPDATE
"""
ENDED = """
    SELECT id, lane, losses, alone IS NOT DISTINCT FROM fence, method, request
    FROM jobs WHERE status = 'running' AND lease_until <= $1
        AND id <> ALL($2::text[])
    ORDER BY lease_until LIMIT $3 FOR UPDATE SKIP LOCKED
"""


async def renew(transaction: Transaction, leases: Sequence[Lease], *, lease_s: float) -> list[Lease]:
    """Which of them are lost is asked only when some are: a period costs one statement."""
    keys = columns(sorted(lease.key for lease in leases))
    if not keys or await transaction.run(RENEW, transaction.now + lease_s, *keys) == len(leases):
        return []
    held = {(job_id, fence) for job_id, fence in await transaction.rows(HELD, *keys)}
    return [lease for lease in leases if lease.key not in held]


async def give_back(transaction: Transaction, leases: Iterable[Lease], *, lost: bool) -> None:
    jobs = await _held(transaction, leases)
    if lost:
        await _lost(transaction, list(jobs.items()))
    else:
        await take_back(transaction, jobs)


async def put_off(transaction: Transaction, leases: Iterable[Lease], *, before: int) -> None:
    """Their losses stay as they are: somebody may have acquitted them since the claim."""
    rows: list[tuple[str, None, float]] = []
    for place, job in enumerate(sorted(await _held(transaction, leases)), before):
        due_at = transaction.now + put_off_s(job.losses, before=place)
        rows.append((job.job_id, None, due_at))
        transaction.scheduled(due_at)
        transaction.moved(job.job_id, job.lane, Status.RUNNING, SCHEDULED)
    await transaction.write(QUEUE_AGAIN, rows, transaction.now, PRIORITY_STRETCH_S)


async def release(transaction: Transaction, owner: str, keeping: Iterable[Lease]) -> int:
    held = [Held(*row) for row in await transaction.rows(OF_OWNER, owner, _ids(keeping))]
    await take_back(transaction, held)
    return len(held)


async def rescue(transaction: Transaction, limit: int, keeping: Iterable[Lease]) -> int:
    rows = await transaction.rows(ENDED, transaction.now, _ids(keeping), limit)
    ended = [Ended(Held(*row), alone, not may_repeat(method, _parsed(rest))) for *row, alone, method, rest in rows]
    await meet(transaction, fates_of(ended))
    return len(ended)


async def begin_alone(transaction: Transaction, commands: Iterable[BeginAlone]) -> None:
    await transaction.write(BEGIN_ALONE, sorted((command.job_id, command.fence) for command in commands))


async def meet(transaction: Transaction, fates: Mapping[Fate, Iterable[Held]]) -> None:
    await take_back(transaction, fates.get(Fate.UNHARMED, ()))
    await lose(transaction, fates.get(Fate.LOST_IN_COMPANY, ()))
    await lose(transaction, fates.get(Fate.LOST_ALONE, ()), alone=True)
    await give_up(transaction, fates.get(Fate.UNREPEATABLE, ()), ErrorType.CONNECTION_LOST, LOST)
    await give_up(transaction, fates.get(Fate.POISON, ()), ErrorType.POISON, POISONED, alone=True)


async def take_back(transaction: Transaction, jobs: Iterable[Held]) -> None:
    """Without a loss."""
    jobs = sorted(jobs)
    if jobs:
        await transaction.run(GIVE_BACK, transaction.now, [job.job_id for job in jobs])
    for job in jobs:
        transaction.moved(job.job_id, job.lane, Status.RUNNING, Status.QUEUED)


async def lose(transaction: Transaction, jobs: Iterable[Held], *, alone: bool = False) -> None:
    """Suspects are put off, one behind the other."""
    rows: list[tuple[str, int, float | None]] = []
    put_off = 0
    for job in sorted(jobs):
        losses = after_loss(job.losses, alone=alone)
        due_at = transaction.now + put_off_s(losses, before=put_off) if is_suspect(losses) else None
        rows.append((job.job_id, losses, due_at))
        if due_at is not None:
            put_off += 1
            transaction.scheduled(due_at)
        transaction.moved(job.job_id, job.lane, Status.RUNNING, SCHEDULED if due_at else Status.QUEUED)
    await transaction.write(QUEUE_AGAIN, rows, transaction.now, PRIORITY_STRETCH_S)


async def give_up(
    transaction: Transaction, jobs: Iterable[Held], error_type: ErrorType, message: str, *, alone: bool = False
) -> None:
    """After a loss that is one too many."""
    ids = sorted(job.job_id for job in jobs)
    if not ids:
        return
    await transaction.run(GIVE_UP, transaction.now, most_losses(alone=alone), error_type.value, message, ids)
    transaction.ends[error_type] += len(ids)
    for standing in (await standings(transaction, ids)).values():
        transaction.moved(standing.job_id, standing.lane, Status.RUNNING, Status.FAILED, standing.cohort)


async def _held(transaction: Transaction, leases: Iterable[Lease]) -> Mapping[Held, bool]:
    """Of those whose leases hold, with whether each may be sent again."""
    leases = tuple(leases)
    known = await standings(transaction, [lease.job_id for lease in leases])
    held = {lease.job_id: lease for lease in leases if (at := known.get(lease.job_id)) and at.holds(lease)}
    return {Held(job_id, known[job_id].lane, lease.losses): lease.request.may_repeat for job_id, lease in held.items()}


async def _lost(transaction: Transaction, jobs: Sequence[tuple[Held, bool]]) -> None:
    """With whether each may be sent again."""
    await lose(transaction, [job for job, is_safe in jobs if is_safe])
    await give_up(transaction, [job for job, is_safe in jobs if not is_safe], ErrorType.CONNECTION_LOST, LOST)


def _ids(leases: Iterable[Lease]) -> list[str]:
    return [lease.job_id for lease in leases]


def _parsed(rest: str | None) -> dict[str, object] | None:
    return None if rest is None else orjson.loads(rest)
