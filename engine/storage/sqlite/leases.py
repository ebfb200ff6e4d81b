"""Prolongs leases, and takes back jobs from who held them."""

from collections.abc import Iterable, Sequence

from engine.jobs.lease import Lease
from engine.jobs.losses import LOST, most_losses
from engine.jobs.outcome import ErrorType
from engine.jobs.status import Status
from engine.storage.codec import decode_request, dumps
from engine.storage.sqlite.standing import standings
from engine.storage.sqlite.transaction import Transaction

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
GIVE_BACK = """
    UPDATE jobs SET status = 'queued', owner = NULL, lease_until = NULL, updated_at = ?1,
        losses = max(losses, min(losses + ?2, ?3))
    WHERE id IN (SELECT value FROM json_each(?4))
"""
GIVE_UP = """
    UPDATE jobs SET status = 'failed', owner = NULL, lease_until = NULL, updated_at = ?1, completed_at = ?1,
        losses = max(losses, min(losses + 1, ?2)), error_type = ?3, error_message = ?4
    WHERE id IN (SELECT value FROM json_each(?5))
"""
OF_OWNER = """
    SELECT json_group_array(json_array(id, lane)) FROM jobs WHERE status = 'running' AND owner = ?
        AND id NOT IN (SELECT value FROM json_each(?))
"""
ENDED = """
    SELECT json_group_array(json_array(id, lane, method, json(request))) FROM (
        SELECT id, lane, method, request FROM jobs WHERE status = 'running' AND lease_until <= ?
            AND id NOT IN (SELECT value FROM json_each(?))
        ORDER BY lease_until LIMIT ?)
"""

Held = tuple[str, str]
"""The id and the lane of a running job."""


def renew(transaction: Transaction, leases: Sequence[Lease], *, lease_s: float) -> list[Lease]:
    """Which of them are lost is asked only when some are: a period costs one statement."""
    keys = dumps([lease.key for lease in leases])
    if transaction.run(RENEW, transaction.now + lease_s, keys) == len(leases):
        return []
    lost = transaction.parsed(NOT_HELD, keys)
    return [leases[place] for place in sorted(lost)]


def give_back(transaction: Transaction, leases: Iterable[Lease], *, lost: bool) -> None:
    leases = tuple(leases)
    known = standings(transaction, [lease.job_id for lease in leases])
    held = {lease.job_id: lease for lease in leases if (at := known.get(lease.job_id)) and at.holds(lease)}
    jobs = {(job_id, known[job_id].lane): lease.request.may_repeat for job_id, lease in held.items()}
    if lost:
        _lost(transaction, list(jobs.items()))
    else:
        take_back(transaction, jobs)


def release(transaction: Transaction, owner: str, keeping: Iterable[Lease]) -> int:
    held = [(job_id, lane) for job_id, lane in transaction.parsed(OF_OWNER, owner, _ids(keeping))]
    take_back(transaction, held)
    return len(held)


def rescue(transaction: Transaction, limit: int, keeping: Iterable[Lease]) -> int:
    ended = transaction.parsed(ENDED, transaction.now, _ids(keeping), limit)
    _lost(transaction, [((job_id, lane), may_repeat(method, rest)) for job_id, lane, method, rest in ended])
    return len(ended)


def take_back(transaction: Transaction, jobs: Iterable[Held], *, lost: bool = False, alone: bool = False) -> None:
    jobs = sorted(jobs)
    if jobs:
        ids = dumps([job_id for job_id, _ in jobs])
        transaction.run(GIVE_BACK, transaction.now, int(lost), most_losses(alone=alone), ids)
    for job_id, lane in jobs:
        transaction.moved(job_id, lane, Status.RUNNING, Status.QUEUED)


def give_up(
    transaction: Transaction, jobs: Iterable[Held], error_type: ErrorType, message: str, *, alone: bool = False
) -> None:
    """After a loss that is one too many."""
    jobs = sorted(jobs)
    if jobs:
        ids = dumps([job_id for job_id, _ in jobs])
        transaction.run(GIVE_UP, transaction.now, most_losses(alone=alone), error_type.value, message, ids)
    for job_id, lane in jobs:
        transaction.moved(job_id, lane, Status.RUNNING, Status.FAILED)


def may_repeat(method: str, rest: dict[str, object] | None) -> bool:
    return decode_request(url="", host="", method=method, rest=rest).may_repeat


def _lost(transaction: Transaction, jobs: Sequence[tuple[Held, bool]]) -> None:
    """With whether each may be sent again."""
    take_back(transaction, [job for job, is_safe in jobs if is_safe], lost=True)
    give_up(transaction, [job for job, is_safe in jobs if not is_safe], ErrorType.CONNECTION_LOST, LOST)


def _ids(leases: Iterable[Lease]) -> str:
    return dumps([lease.job_id for lease in leases])
