"""Takes due jobs under a lease: the lanes whose turn it is, and of each the lowest ranks.

What it costs grows with what it takes, neither with the backlog nor with the lanes that wait.
"""

from collections import Counter
from collections.abc import Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from engine.jobs.job import PRIORITY_STRETCH_S
from engine.jobs.lease import Lease
from engine.storage.codec import decode_request, decode_total, dumps
from engine.storage.share import in_turn, share
from engine.storage.sqlite.transaction import Transaction

NEXT_LANES = """
    SELECT json_group_array(json_array(lane, queued)) FROM (
        SELECT lane, queued FROM lanes WHERE queued > 0 AND blocked_until IS NULL ORDER BY turn LIMIT ?)
"""
LOWEST = """
    SELECT json_group_array(json_array(id, fence, url, host, method, json(request), attempts, losses, ran_s,
        CAST(max(0.0, rank + priority * ?4 - updated_at) * 1e6 AS INTEGER),
        CAST(max(0.0, ?3 - max(updated_at, rank + priority * ?4)) * 1e6 AS INTEGER), json(stages), lane))
    FROM (
        SELECT jobs.* FROM json_each(?1) AS next CROSS JOIN jobs ON jobs.rowid IN (
            SELECT rowid FROM jobs AS lowest
            WHERE lowest.lane = next.value AND lowest.status = 'queued' AND lowest.due_at IS NULL
            ORDER BY lowest.rank LIMIT ?2)
        ORDER BY next.key, jobs.rank, jobs.rowid)
"""
TAKE = """
    UPDATE jobs SET status = 'running', fence = fence + 1, owner = ?1, lease_until = ?2,
        started_at = coalesce(started_at, ?3), updated_at = ?3
    WHERE id IN (SELECT value FROM json_each(?4))
"""
TO_THE_END = "UPDATE lanes SET turn = ? WHERE lane IN (SELECT value FROM json_each(?))"


def claim(transaction: Transaction, room: int, *, owner: str, lease_s: float) -> list[Lease]:
    lanes = transaction.parsed(NEXT_LANES, room)
    if not lanes:
        return []
    each = share(room, [queued for _, queued in lanes])
    next_lanes = dumps([lane for lane, _ in lanes])
    lowest = transaction.parsed(LOWEST, next_lanes, each, transaction.now, PRIORITY_STRETCH_S)
    rows = in_turn([list(of_lane) for _, of_lane in groupby(lowest, key=itemgetter(-1))], room)
    until = transaction.now + lease_s
    transaction.run(TAKE, owner, until, transaction.now, dumps(sorted(row[0] for row in rows)))
    _pass_turn(transaction, [row[-1] for row in rows])
    return [_lease(row, transaction.now, until) for row in rows]


def _pass_turn(transaction: Transaction, lanes: Sequence[str]) -> None:
    taken = Counter(lanes)
    for lane, jobs in taken.items():
        transaction.claimed(lane, jobs)
    transaction.run(TO_THE_END, transaction.turn, dumps(list(taken)))


def _lease(row: Sequence[Any], now: float, until: float) -> Lease:
    job_id, fence, url, host, method, request, attempts, losses, ran_s, delay_us, queue_us, stages, _ = row
    return Lease(
        job_id=job_id,
        fence=fence + 1,
        until=until,
        request=decode_request(url=url, host=host, method=method, rest=request),
        attempts=attempts,
        losses=losses,
        ran_s=ran_s,
        claimed_at=now,
        delay_us=delay_us,
        queue_us=queue_us,
        spent=decode_total(stages) if stages else (),
    )
