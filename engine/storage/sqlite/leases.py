"""Prolongs leases, and takes back jobs from who held them."""

from collections.abc import Iterable, Sequence

from engine.jobs.job import LOST
from engine.jobs.lease import Lease
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
    UPDATE jobs SET status = 'queued', owner = NULL, lease_until = NULL, losses = losses + ?, updated_at = ?
    WHERE id IN (SELECT value FROM json_each(?))
"""
LOSE = """
    UPDATE jobs SET status = 'failed', owner = NULL, lease_until = NULL, losses = losses + 1, updated_at = ?1,
        completed_at = ?1, error_type = ?2, error_message = ?3
    WHERE id IN (SELECT value FROM json_each(?4))
"""
OF_OWNER = """
    SELECT json_group_array(json_array(id, lane)) FROM jobs WHERE status = 'running' AND owner = ?
        AND id NOT IN (SELECT value FROM json_each(?))
"""
ENDED = """
    SELECT json_group_array(json_array(id, lane, method, json(request))) FROM (
        SELECT id, lane, method, request FROM jobs WHERE status = 'running' AND lease_until <= ?
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
        _back(transaction, jobs)


def release(transaction: Transaction, owner: str, keeping: Iterable[Lease]) -> int:
    kept = dumps([lease.job_id for lease in keeping])
    held = [(job_id, lane) for job_id, lane in transaction.parsed(OF_OWNER, owner, kept)]
    _back(transaction, held)
    return len(held)


def rescue(transaction: Transaction, limit: int) -> int:
    ended = transaction.parsed(ENDED, transaction.now, limit)
    _lost(transaction, [((job_id, lane), _may_repeat(method, rest)) for job_id, lane, method, rest in ended])
    return len(ended)


def _lost(transaction: Transaction, jobs: Sequence[tuple[Held, bool]]) -> None:
    """With whether each may be sent again."""
    _back(transaction, [job for job, may_repeat in jobs if may_repeat], losses=1)
    failed = sorted(job for job, may_repeat in jobs if not may_repeat)
    if failed:
        ids = dumps([job_id for job_id, _ in failed])
        transaction.run(LOSE, transaction.now, ErrorType.CONNECTION_LOST.value, LOST, ids)
    for job_id, lane in failed:
        transaction.moved(job_id, lane, Status.RUNNING, Status.FAILED)


def _back(transaction: Transaction, jobs: Iterable[Held], *, losses: int = 0) -> None:
    jobs = sorted(jobs)
    if jobs:
        transaction.run(GIVE_BACK, losses, transaction.now, dumps([job_id for job_id, _ in jobs]))
    for job_id, lane in jobs:
        transaction.moved(job_id, lane, Status.RUNNING, Status.QUEUED)


def _may_repeat(method: str, rest: dict[str, object] | None) -> bool:
    return decode_request(url="", host="", method=method, rest=rest).may_repeat
