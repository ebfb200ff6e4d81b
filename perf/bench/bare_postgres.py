"""What the store brings about on a server, by statements alone: one connection, tuples in, the driver's rows out."""

from collections import Counter
from collections.abc import Sequence
from math import ceil
from operator import itemgetter
from typing import Any

from asyncpg import Connection, Record
from isal import isal_zlib

from engine.storage import job_rows, result_rows
from engine.storage.frames import FASTEST, GZIP

NEW = f"""
    INSERT INTO jobs ({job_rows.NEW_COLUMNS}, status, fence, attempts, losses, ran_s)
    SELECT *, 'queued', 0, 0, 0, 0.0 FROM unnest(
        $1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::int[], $8::text[], $9::text[],
        $10::text[], $11::float8[], $12::float8[], $13::float8[], $14::float8[])
    ON CONFLICT (id) DO NOTHING
"""  # noqa: S608 - constants
LANES = """
    WITH moved AS (
        INSERT INTO lane_states AS lanes (lane, queued, in_flight, turn, entered)
        SELECT lane, queued, in_flight, extract(epoch FROM clock_timestamp()), 1
        FROM unnest($1::text[], $2::int[], $3::int[]) AS v (lane, queued, in_flight)
        ON CONFLICT (lane, version) DO UPDATE SET
            queued = lanes.queued + excluded.queued, in_flight = lanes.in_flight + excluded.in_flight
        RETURNING lane, queued + in_flight AS jobs
    )
    SELECT lane FROM moved WHERE jobs = 0
"""
EMPTY = "DELETE FROM lane_states WHERE lane = ANY($1::text[]) AND queued = 0 AND in_flight = 0"
COUNTS = """
    INSERT INTO counts (batch_id, status, slot, n)
    SELECT '', status, 0, n FROM unnest($1::text[], $2::int[]) AS v (status, n)
    ON CONFLICT (batch_id, status, slot) DO UPDATE SET n = counts.n + excluded.n
"""
DAILY = """
    INSERT INTO daily (day, scraper_type, slot, created, completed, failed, cancelled, answered, answered_us)
    VALUES ($1, 'http', 0, $2, $3, 0, 0, $3, $4)
    ON CONFLICT (day, scraper_type, slot) DO UPDATE SET created = daily.created + excluded.created,
        completed = daily.completed + excluded.completed, answered = daily.answered + excluded.answered,
        answered_us = daily.answered_us + excluded.answered_us
"""
IN_TURN = """
    SELECT lane FROM lane_states WHERE queued > 0 AND blocked_until IS NULL AND batch_id IS NULL ORDER BY turn LIMIT $1
"""
TAKE = """
    UPDATE jobs SET status = 'running', fence = fence + 1, owner = 'bench', lease_until = now.at + 60,
        started_at = coalesce(started_at, now.at), updated_at = now.at
    FROM (SELECT extract(epoch FROM clock_timestamp())::float8 AS at) AS now
    WHERE id = ANY(ARRAY(
        SELECT job.id FROM unnest($1::text[]) AS next (lane) CROSS JOIN LATERAL (
            SELECT id FROM jobs WHERE jobs.lane = next.lane AND status = 'queued' AND due_at IS NULL
            ORDER BY rank LIMIT $2 FOR UPDATE SKIP LOCKED) AS job
        LIMIT $3))
    RETURNING id, fence, url, host, method, request, attempts, losses, ran_s, rank, priority, updated_at, stages, lane
"""
TAKEN = """
    UPDATE lane_states AS lanes SET queued = queued - v.n, in_flight = in_flight + v.n,
        turn = extract(epoch FROM clock_timestamp())
    FROM unnest($1::text[], $2::int[]) AS v (lane, n)
    WHERE lanes.lane = ANY(ARRAY[v.lane])
"""
SETTLE = """
    UPDATE jobs SET status = 'completed', owner = NULL, lease_until = NULL, attempts = attempts + 1, losses = 0,
        ran_s = jobs.ran_s + $3, updated_at = now.at, completed_at = now.at, stages = $4
    FROM unnest($1::text[], $2::int[]) AS v (id, fence),
        (SELECT extract(epoch FROM clock_timestamp())::float8 AS at) AS now
    WHERE jobs.id = v.id AND jobs.fence = v.fence AND CASE status WHEN 'running' THEN true ELSE false END
"""
"""The status is hidden from the planner for the reason of engine.storage.postgres.standing."""
RESULT_COLUMNS = result_rows.COLUMNS.split(", ")
READ = f"SELECT {job_rows.COLUMNS} FROM jobs WHERE id = $1"  # noqa: S608 - constants
LANE = job_rows.NEW_COLUMNS.split(", ").index("lane")
STAGES = "[1000,1000,100000,1000,1000,1000]"


class BarePostgres:
    """As safe as the store: a transaction each, a lock on what is taken, a fence on what is settled.

    `readers` are connections of their own.
    """

    def __init__(self, connection: Connection, *, readers: Sequence[Connection]) -> None:
        self._connection = connection
        self._readers = readers

    async def insert(self, rows: Sequence[tuple[Any, ...]], day: int) -> None:
        """`rows` of job_rows.NEW_COLUMNS."""
        execute = self._connection.execute
        await execute("BEGIN")
        await execute(NEW, *zip(*rows, strict=True))
        coming = Counter(row[LANE] for row in rows)
        await execute(LANES, *_columns((lane, n, 0) for lane, n in sorted(coming.items())))
        await execute(COUNTS, ["queued"], [len(rows)])
        await execute(DAILY, day, len(rows), 0, 0)
        await execute("COMMIT")

    async def claim(self, room: int) -> Sequence[Record]:
        connection = self._connection
        await connection.execute("BEGIN")
        lanes = [lane for (lane,) in await connection.fetch(IN_TURN, room)]
        rows = await connection.fetch(TAKE, lanes, ceil(room / len(lanes)), room)
        await connection.execute(TAKEN, *_columns(sorted(Counter(row["lane"] for row in rows).items())))
        await connection.execute(COUNTS, ["queued", "running"], [-len(rows), len(rows)])
        await connection.execute("COMMIT")
        return rows

    async def settle(self, taken: Sequence[Record], body: bytes, elapsed_s: float, day: int) -> None:
        execute = self._connection.execute
        taken = sorted(taken, key=itemgetter("id"))
        await execute("BEGIN")
        await execute(SETTLE, [row["id"] for row in taken], [row["fence"] for row in taken], elapsed_s, STAGES)
        await self._connection.copy_records_to_table(
            "job_results", records=[self._result(row, body, elapsed_s) for row in taken], columns=RESULT_COLUMNS
        )
        leaving = Counter(row["lane"] for row in taken)
        lanes = _columns((lane, 0, -n) for lane, n in sorted(leaving.items()))
        if empty := await self._connection.fetch(LANES, *lanes):
            await execute(EMPTY, [lane for (lane,) in empty])
        await execute(COUNTS, ["completed", "running"], [len(taken), -len(taken)])
        await execute(DAILY, day, 0, len(taken), round(elapsed_s * 1e6) * len(taken))
        await execute("COMMIT")

    async def read(self, job_id: str, reader: int) -> Record | None:
        return await self._readers[reader].fetchrow(READ, job_id)

    def _result(self, row: Record, body: bytes, elapsed_s: float) -> tuple[Any, ...]:
        frame, headers = isal_zlib.compress(body, FASTEST, GZIP), '[["Content-Type","text/html"],["Server","bench"]]'
        kept = ("text/html", "utf-8", frame, len(body), None, None, elapsed_s, None, 0)
        return (row["id"], row["fence"], 200, "http://host.test/", headers, *kept)


def _columns(rows: Any) -> list[tuple[Any, ...]]:
    return list(zip(*rows, strict=True))
