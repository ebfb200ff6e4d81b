"""Takes due jobs under a lease: the lanes whose turn it is, and of each the lowest ranks that nobody else takes.

What it costs grows with what it takes, neither with the backlog nor with the lanes that wait. It begins at the front of
the lanes and at the head of each: what lies before in the index was taken, and is dead, but cannot be removed while
somebody's transaction is old. A head moves on only where no job came to the lane since it was looked at.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import compress, groupby
from operator import gt, itemgetter
from typing import Any

import orjson
from asyncpg import Record

from engine.jobs.job import PRIORITY_STRETCH_S
from engine.jobs.lease import Lease
from engine.storage.leases import COLUMNS, leases
from engine.storage.places import turns_among_all, turns_of_batches
from engine.storage.postgres.arrays import told
from engine.storage.postgres.lanes import OvertakenError
from engine.storage.postgres.transaction import BATCHES, Transaction
from engine.storage.share import allowances, in_turn, shares

NEXT = """
    WITH free AS MATERIALIZED (
        SELECT id, parallel_limit - in_flight AS room, turn FROM batches
        WHERE parallel_limit IS NOT NULL AND queued > 0 AND in_flight < parallel_limit
        ORDER BY turn, id LIMIT $1 FOR UPDATE
    ), met AS (
        (SELECT lane, version, queued, head, entered, turn, NULL AS batch_id, NULL::int AS room,
                NULL::float8 AS begins_at
            FROM lane_states WHERE queued > 0 AND blocked_until IS NULL AND batch_id IS NULL AND turn >= $2
            ORDER BY turn, lane LIMIT $1)
        UNION ALL
        SELECT next.lane, next.version, next.queued, next.head, next.entered, next.turn, free.id, free.room, free.turn
        FROM free LEFT JOIN LATERAL (
            SELECT * FROM lane_states WHERE batch_id = free.id AND queued > 0 AND blocked_until IS NULL
            ORDER BY turn, lane LIMIT (SELECT ceil($1::float8 / count(*))::int FROM free)) AS next ON true
    )
    SELECT lane, head, entered, queued, turn, batch_id, room, begins_at, version,
        (SELECT extract(epoch FROM clock_timestamp())::float8)
    FROM met ORDER BY turn, lane
"""
"""A batch of which no lane is found has a row without one. The time is that after all rows are locked and sorted."""
Met = Sequence[Any] | Record
LANE, QUEUED, TURN, BATCH_ID, ROOM, BEGINS_AT = 0, 3, 4, 5, 6, 7
"""Places in its rows."""
BATCHES_TO_THE_END = """
    UPDATE batches SET turn = v.turn FROM unnest($1::text[], $2::text::float8[]) AS v (id, turn)
    WHERE batches.id = v.id
"""
TAKE = """
    WITH next AS MATERIALIZED (
        SELECT * FROM unnest($1::text::text[], $2::text::float8[], $3::text::int[], $4::text::int[],
                $8::text::float8[], $10::text::bigint[])
            WITH ORDINALITY AS next (lane, head, entered, jobs, turn, version, place)
    ), taken AS MATERIALIZED (
        SELECT next.place, job.* FROM next CROSS JOIN LATERAL (
            SELECT id, fence + 1 AS fence, url, host, method, request, attempts, losses, ran_s, rank,
                rank + priority * $9::float8 AS due_at, updated_at, stages, jobs.lane
            FROM jobs WHERE jobs.lane = next.lane AND status = 'queued' AND due_at IS NULL
                AND rank >= coalesce(next.head, '-infinity')
            ORDER BY rank LIMIT next.jobs FOR UPDATE SKIP LOCKED) AS job
    ), changed AS (
        UPDATE jobs SET status = 'running', fence = fence + 1, owner = $5, lease_until = $6,
            started_at = coalesce(started_at, $7), updated_at = $7
        WHERE id = ANY(ARRAY(SELECT id FROM taken))
    ), counted AS (
        INSERT INTO counts (batch_id, status, slot, n)
        SELECT batch_id, status, pg_backend_pid() % 64, jobs * sign
        FROM (
            SELECT '' AS batch_id, count(*)::int AS jobs FROM taken HAVING count(*) > 0
            UNION ALL SELECT split_part(lane, ' ', 2), count(*)::int FROM taken WHERE lane LIKE '% %' GROUP BY 1
        ) AS of_batch CROSS JOIN (VALUES ('queued', -1), ('running', 1)) AS moved (status, sign)
        ORDER BY batch_id, status
        ON CONFLICT (batch_id, status, slot) DO UPDATE SET n = counts.n + excluded.n
    ), passed AS (
        UPDATE lane_states AS lanes SET version = lanes.version + 1, turn = v.turn, queued = queued - v.taken,
            in_flight = in_flight + v.taken,
            head = CASE WHEN lanes.entered = v.entered THEN v.head ELSE lanes.head END
        FROM (
            SELECT lane, max(version) AS version, max(turn) AS turn, max(entered) AS entered, count(rank) AS taken,
                CASE WHEN count(rank) = max(jobs) THEN max(rank) END AS head
            FROM (
                SELECT lane, version, turn, jobs, entered, NULL::float8 AS rank FROM next
                UNION ALL SELECT lane, NULL, NULL, NULL, NULL, rank FROM taken) AS each
            GROUP BY lane ORDER BY lane) AS v
        WHERE lanes.lane = ANY(ARRAY[v.lane]) AND lanes.version >= v.version
        RETURNING v.taken
    )
    SELECT place, id, fence, url, host, method, request, attempts, losses, ran_s,
        trunc(greatest(due_at - updated_at, 0) * 1e6)::bigint,
        trunc(greatest($7 - greatest(updated_at, due_at), 0) * 1e6)::bigint, stages,
        (SELECT count(*) FROM passed WHERE passed.taken > 0)
    FROM taken ORDER BY place, rank
"""
"""A lane that gave less than it was asked for is looked at from its beginning the next time.

As one of an array a lane is found by its key in any plan: where there was one lane when the rows were counted, a plain
equality goes through all of them for each. Of what changes rows and is asked by nobody, the last is done first: the
lanes before the counts, as everybody does.

A lane that changed since it was looked for has a later version, but one that was made anew begins again: so the number
of those that gave and were passed is told with each row.
"""
PARSED = [place for place, name in enumerate(COLUMNS.split(", ")) if name in ("request", "stages")]

LOOK_AGAIN = """
    WITH next AS MATERIALIZED (
        SELECT lane, version FROM lane_states WHERE queued > 0 AND blocked_until IS NULL AND batch_id IS NULL
        ORDER BY turn LIMIT $1 FOR UPDATE SKIP LOCKED
    )
    UPDATE lane_states AS lanes SET head = NULL FROM next
    WHERE head IS NOT NULL AND lanes.lane = ANY(ARRAY[next.lane]) AND lanes.version >= next.version
"""


async def look_again(transaction: Transaction, lanes: int) -> None:
    """The next claims of so many lanes begin at their beginnings: one that was given up may have left jobs there."""
    await transaction.run(LOOK_AGAIN, lanes)


async def claim(transaction: Transaction, room: int, *, owner: str, lease_s: float) -> list[Lease]:
    met = await _next(transaction, room)
    if not any(row[LANE] for row in met):
        return []
    begin = {row[BATCH_ID]: max(row[BEGINS_AT], transaction.front.places.reached) for row in met if row[BATCH_ID]}
    lanes = _among_all(met, begin) if begin else met
    given = shares(room, _can_give(lanes, met) if begin else [row[QUEUED] for row in lanes])
    asked = list(compress(lanes, given))
    batch_ids = [row[BATCH_ID] for row in asked]
    if begin:
        turns = turns_of_batches(begin, (row[BATCH_ID] for row in lanes), batch_ids)
        await transaction.write(BATCHES_TO_THE_END, sorted(turns.items()))
    rows = await _take(transaction, asked, [jobs for jobs in given if jobs], owner, lease_s)
    if begin:
        await _count(transaction, [batch_ids[row[0] - 1] for row in rows])
    return _leases(rows, transaction.now, lease_s)


async def _next(transaction: Transaction, room: int) -> Sequence[Met]:
    front = transaction.front
    look = front.look()
    met = await transaction.rows_and_time(NEXT, room, look.begins_at)
    turns = (row[TURN] if row[BATCH_ID] is None else row[BEGINS_AT] for row in met)
    front.met(look, min(turns, default=None), transaction.now)
    return met


def _among_all(met: Iterable[Met], begin: Mapping[str, float]) -> list[Met]:
    """In turn, with their turns among all; those of batches with a limit have them by their batches."""
    lanes = [row for row in met if row[LANE]]
    turns = turns_among_all([(row[TURN], row[BATCH_ID]) for row in lanes], begin)
    found = [(*row[:TURN], turn, *row[BATCH_ID:]) for turn, row in zip(turns, lanes, strict=True)]
    return sorted(found, key=itemgetter(TURN, LANE))


def _can_give(lanes: Iterable[Met], met: Iterable[Met]) -> Sequence[int]:
    """Those of some batches have no more than so many free places together."""
    free: dict[str, int] = {row[BATCH_ID]: row[ROOM] for row in met if row[BATCH_ID]}
    allowed = allowances([(row[LANE], row[QUEUED], row[BATCH_ID]) for row in lanes], free)
    queued: dict[str, int] = {row[LANE]: row[QUEUED] for row in lanes}
    return list((queued | allowed).values())


async def _take(
    transaction: Transaction, asked: Sequence[Met], given: Sequence[int], owner: str, lease_s: float
) -> list[Record]:
    """Who gives is passed."""
    if not asked:
        return []
    lanes, heads, entered, queued, turns, *_, versions, _ = zip(*asked, strict=True)
    places, now = transaction.front.places, transaction.now
    places.reach(turns[-1])
    next_turns = places.passed(zip(lanes, map(gt, queued, given), strict=True))
    where = told(lanes), told(heads), told(entered), told(given)
    when = owner, now + lease_s, now, told(next_turns), PRIORITY_STRETCH_S
    rows = await transaction.rows(TAKE, *where, *when, told(versions))
    if rows and rows[0][-1] != len({row[0] for row in rows}):
        raise OvertakenError
    return rows


async def _count(transaction: Transaction, batch_ids: Sequence[str | None]) -> None:
    """What was taken of batches with a limit."""
    taken = Counter(batch_id for batch_id in batch_ids if batch_id is not None)
    rows = [(batch_id, -jobs, jobs) for batch_id, jobs in sorted(taken.items())]
    await transaction.write(BATCHES, rows, transaction.front.places.reached)


def _leases(rows: Sequence[Record], now: float, lease_s: float) -> list[Lease]:
    if not rows:
        return []
    each = [list(found) for _, found in groupby(rows, itemgetter(0))]
    _, *columns, _ = zip(*in_turn(each, len(rows)), strict=True)
    parsed = [_parsed(column) if place in PARSED else column for place, column in enumerate(columns)]
    return leases(parsed, now=now, until=now + lease_s)


def _parsed(column: Sequence[str | None]) -> Sequence[Any]:
    return [text and orjson.loads(text) for text in column] if any(column) else column
