"""Takes due jobs under a lease: the lanes whose turn it is, and of each the lowest ranks that nobody else takes.

What it costs grows with what it takes, neither with the backlog nor with the lanes that wait. It begins at the front of
the lanes and at the head of each: what lies before in the index was taken, and is dead, but cannot be removed while
somebody's transaction is old. A head moves on only where no job came to the lane since it was looked at.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import orjson
from asyncpg import Record

from engine.jobs.job import PRIORITY_STRETCH_S
from engine.jobs.lease import Lease
from engine.storage.codec import decode_request, decode_total
from engine.storage.postgres.front import Front
from engine.storage.postgres.transaction import Transaction
from engine.storage.share import allowances, in_turn, shares

NEXT = """
    WITH free AS MATERIALIZED (
        SELECT id, parallel_limit - in_flight AS room FROM batches
        WHERE parallel_limit IS NOT NULL AND queued > 0 AND in_flight < parallel_limit
        ORDER BY turn LIMIT $1 FOR UPDATE
    ), met AS (
        (SELECT lane, queued, head, entered, turn, NULL AS batch_id, NULL::int AS room FROM lanes
            WHERE queued > 0 AND blocked_until IS NULL AND batch_id IS NULL AND turn >= $2 ORDER BY turn LIMIT $1)
        UNION ALL
        SELECT next.lane, next.queued, next.head, next.entered, next.turn, free.id, free.room
        FROM free CROSS JOIN LATERAL (
            SELECT * FROM lanes WHERE batch_id = free.id AND queued > 0 AND blocked_until IS NULL
            ORDER BY turn LIMIT (SELECT ceil($1::float8 / count(*))::int FROM free)) AS next
    )
    SELECT lane, queued, coalesce(head, '-infinity'), entered, turn, batch_id, room,
        extract(epoch FROM clock_timestamp())::float8
    FROM met ORDER BY turn
"""
BATCHES_TO_THE_END = "UPDATE batches SET turn = $1 WHERE id = ANY($2::text[])"
TAKE = """
    WITH next AS MATERIALIZED (
        SELECT * FROM unnest($1::text[], $2::int[], $3::float8[], $4::int[]) WITH ORDINALITY
            AS next (lane, jobs, head, entered, place)
    ), taken AS MATERIALIZED (
        SELECT next.place, job.* FROM next CROSS JOIN LATERAL (
            SELECT id, fence, url, host, method, request, attempts, losses, ran_s, rank, priority, updated_at, stages,
                jobs.lane
            FROM jobs WHERE jobs.lane = next.lane AND status = 'queued' AND due_at IS NULL AND rank >= next.head
            ORDER BY rank LIMIT next.jobs FOR UPDATE SKIP LOCKED) AS job
    ), changed AS (
        UPDATE jobs SET status = 'running', fence = fence + 1, owner = $5, lease_until = $6,
            started_at = coalesce(started_at, $7), updated_at = $7
        WHERE id = ANY(ARRAY(SELECT id FROM taken))
    ), passed AS (
        UPDATE lanes SET turn = $8 + v.place * 1e-6, queued = queued - v.taken, in_flight = in_flight + v.taken,
            head = CASE WHEN lanes.entered = v.entered THEN v.head ELSE lanes.head END
        FROM (
            SELECT lane, max(place) AS place, max(entered) AS entered, count(rank) AS taken,
                CASE WHEN count(rank) = max(jobs) THEN max(rank) END AS head
            FROM (
                SELECT lane, place, jobs, entered, NULL::float8 AS rank FROM next
                UNION ALL SELECT lane, NULL, NULL, NULL, rank FROM taken) AS each
            GROUP BY lane ORDER BY lane) AS v
        WHERE lanes.lane = v.lane
    )
    SELECT * FROM taken ORDER BY place, rank
"""
"""A lane that gave less than it was asked for is looked at from its beginning the next time."""
RANK, PRIORITY, UPDATED_AT, LANE = 10, 11, 12, 14
"""Places in a row of TAKE."""

LOOK_AGAIN = """
    UPDATE lanes SET head = NULL WHERE head IS NOT NULL AND lane = ANY(ARRAY(
        SELECT lane FROM lanes WHERE queued > 0 AND blocked_until IS NULL AND batch_id IS NULL
        ORDER BY turn LIMIT $1 FOR UPDATE SKIP LOCKED))
"""


class Next(NamedTuple):
    """A lane whose turn it is; `room` is what its batch has left if that is limited."""

    lane: str
    queued: int
    head: float
    entered: int
    turn: float
    batch_id: str | None
    room: int | None


async def look_again(transaction: Transaction, lanes: int) -> None:
    """The next claims of so many lanes begin at their beginnings: one that was given up may have left jobs there."""
    await transaction.run(LOOK_AGAIN, lanes)


async def claim(transaction: Transaction, room: int, *, owner: str, lease_s: float, front: Front) -> list[Lease]:
    lanes = await _next(transaction, room, front)
    asked = await _asked(transaction, lanes, room)
    if not asked:
        return []
    now, until = transaction.now, transaction.now + lease_s
    wanted = zip(*((lane.lane, jobs, lane.head, lane.entered) for lane, jobs in asked), strict=True)
    rows = await transaction.rows(TAKE, *wanted, owner, until, now, transaction.turns(len(asked) + 1))
    for lane, jobs in Counter(map(itemgetter(LANE), rows)).items():
        transaction.claimed(lane, jobs)
    each = [list(found) for _, found in groupby(rows, itemgetter(0))]
    return [_lease(row, now, until) for row in in_turn(each, len(rows))]


async def _next(transaction: Transaction, room: int, front: Front) -> list[Next]:
    look = front.look()
    lanes = [Next(*row[:-1]) for row in await transaction.rows_and_time(NEXT, room, look.begins_at)]
    front.met(look, next((lane.turn for lane in lanes if lane.batch_id is None), None), transaction.now)
    return lanes


async def _asked(transaction: Transaction, lanes: Sequence[Next], room: int) -> list[tuple[Next, int]]:
    """How many jobs each lane is to give: in turn until the room is full."""
    free = {lane.batch_id: lane.room for lane in lanes if lane.batch_id is not None and lane.room is not None}
    allowed: Mapping[str, int] = {}
    if free:
        await transaction.run(BATCHES_TO_THE_END, transaction.turn(), list(free))
        allowed = allowances([(lane.lane, lane.queued, lane.batch_id) for lane in lanes], free)
    can_give = [(lane, allowed.get(lane.lane, lane.queued)) for lane in lanes]
    giving = [(lane, jobs) for lane, jobs in can_give if jobs][:room]
    given = shares(room, [jobs for _, jobs in giving])
    return [(lane, jobs) for (lane, _), jobs in zip(giving, given, strict=True) if jobs]


def _lease(row: Record, now: float, until: float) -> Lease:
    _, job_id, fence, url, host, method, request, attempts, losses, ran_s, *_, stages, _ = row
    due_at = row[RANK] + row[PRIORITY] * PRIORITY_STRETCH_S
    return Lease(
        job_id=job_id,
        fence=fence + 1,
        until=until,
        request=decode_request(url=url, host=host, method=method, rest=request and orjson.loads(request)),
        attempts=attempts,
        losses=losses,
        ran_s=ran_s,
        claimed_at=now,
        delay_us=_microseconds(row[UPDATED_AT], due_at),
        queue_us=_microseconds(max(row[UPDATED_AT], due_at), now),
        spent=decode_total(orjson.loads(stages)) if stages else (),
    )


def _microseconds(begin: float, end: float) -> int:
    return max(int((end - begin) * 1e6), 0)
