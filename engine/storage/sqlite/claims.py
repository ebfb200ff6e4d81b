"""Takes due jobs under a lease: the lanes whose turn it is, and of each the lowest ranks.

What it costs grows with what it takes, neither with the backlog nor with the lanes that wait. Lanes of batches with a
parallel limit are met through those of the batches that have room, and take their turn among all others.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from engine.jobs.job import PRIORITY_STRETCH_S
from engine.jobs.lease import Lease
from engine.storage.codec import dumps
from engine.storage.leases import leases
from engine.storage.share import allowances, in_turn, lanes_each, share
from engine.storage.sqlite.transaction import Transaction

NEXT = """
    SELECT (
        SELECT json_group_array(json_array(lane, queued)) FROM (
            SELECT lane, queued FROM lanes WHERE queued > 0 AND blocked_until IS NULL AND batch_id IS NULL
            ORDER BY turn LIMIT ?1)
    ), (
        SELECT json_group_object(id, room) FROM (
            SELECT id, parallel_limit - in_flight AS room FROM batches
            WHERE parallel_limit IS NOT NULL AND queued > 0 AND in_flight < parallel_limit
            ORDER BY turn LIMIT ?1)
    )
"""
NEXT_OF_ALL = """
    SELECT json_group_array(json_array(lane, queued, batch_id)) FROM (
        SELECT lane, queued, batch_id, turn, rowid FROM lanes WHERE rowid IN (
            SELECT rowid FROM lanes AS next
            WHERE next.queued > 0 AND next.blocked_until IS NULL AND next.batch_id IS NULL
            ORDER BY next.turn LIMIT ?1)
        UNION ALL
        SELECT lane, queued, batch_id, turn, lanes.rowid FROM json_each(?2) AS batch
        CROSS JOIN lanes ON lanes.rowid IN (
            SELECT rowid FROM lanes AS next
            WHERE next.batch_id = batch.value AND next.queued > 0 AND next.blocked_until IS NULL
            ORDER BY next.turn LIMIT ?3)
        ORDER BY turn, rowid)
"""
NONE_WITH_ROOM = "{}"
BATCHES_TO_THE_END = "UPDATE batches SET turn = ? WHERE id IN (SELECT value FROM json_each(?))"
LOWEST = """
    SELECT json_group_array(json_array(id, fence + 1, url, host, method, json(request), attempts, losses, ran_s,
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
    lanes, allowed = _next_lanes(transaction, room)
    if not lanes:
        return []
    rows = in_turn(_lowest(transaction, lanes, allowed, share(room, lanes.values())), room)
    if not rows:
        return []
    until = transaction.now + lease_s
    transaction.run(TAKE, owner, until, transaction.now, dumps(sorted(row[0] for row in rows)))
    *columns, lanes_taken = zip(*rows, strict=True)
    _pass_turn(transaction, lanes_taken)
    return leases(columns, now=transaction.now, until=until)


def _next_lanes(transaction: Transaction, room: int) -> tuple[dict[str, int], dict[str, int]]:
    """The next lanes in turn, each with what it can give; and those of them that may give no more than that."""
    ((lanes, batches),) = transaction.rows(NEXT, room)
    if batches == NONE_WITH_ROOM:
        return dict(orjson.loads(lanes)), {}
    free = orjson.loads(batches)
    found = transaction.parsed(NEXT_OF_ALL, room, dumps(list(free)), lanes_each(room, len(free)))
    transaction.run(BATCHES_TO_THE_END, transaction.turn, dumps(list(free)))
    allowed = allowances(found, free)
    can_give = [(lane, allowed.get(lane, queued)) for lane, queued, _ in found]
    return dict([(lane, jobs) for lane, jobs in can_give if jobs][:room]), allowed


def _lowest(
    transaction: Transaction, lanes: Iterable[str], allowed: Mapping[str, int], each: int
) -> list[Sequence[Sequence[Any]]]:
    """Of each lane its lowest rows: as many as each may give, in a statement for all that may give as many."""
    alike: dict[int, list[str]] = {}
    for lane in lanes:
        alike.setdefault(min(allowed.get(lane, each), each), []).append(lane)
    found: dict[str, list[Sequence[Any]]] = {lane: [] for lane in lanes}
    for jobs, some in alike.items():
        for row in transaction.parsed(LOWEST, dumps(some), jobs, transaction.now, PRIORITY_STRETCH_S):
            found[row[-1]].append(row)
    return list(found.values())


def _pass_turn(transaction: Transaction, lanes: Sequence[str]) -> None:
    taken = Counter(lanes)
    for lane, jobs in taken.items():
        transaction.claimed(lane, jobs)
    transaction.run(TO_THE_END, transaction.turn, dumps(list(taken)))
