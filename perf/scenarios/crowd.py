"""A million jobs in all states with what belongs to them, made on the server in some seconds.

The oldest half is over; of the others some run, some are delayed; some are of batches, and some of those limited.
"""

import asyncio

import asyncpg

from engine.storage.migrate import migrate

JOBS = 1_000_000
HOSTS = 1_000
TYPES = "(ARRAY['browser', 'http', 'http', 'http'])"
ENDS = "(ARRAY['completed', 'completed', 'completed', 'failed', 'cancelled'])"
START = 1_700_000_000.0
"""When the last of them was made, ten a second before it."""
LATER = START + 1e6
"""The turn of their lanes: of a few that come now in a batch, those are claimed first."""

CROWD = f"""
    INSERT INTO jobs (id, status, scraper_type, url, host, method, priority, batch_id, lane, rank, created_at,
        updated_at, started_at, completed_at, due_at, fence, owner, lease_until, attempts, losses, ran_s)
    SELECT id, status, {TYPES}[n % 4 + 1], 'http://' || host || '/' || n, host, 'GET', 0, batch_id,
        concat_ws(' ', host, batch_id, CASE WHEN right(batch_id, 2) = '11' THEN 'limited' END), at, at, at, at,
        CASE WHEN status = ANY({ENDS}) THEN at END,
        CASE WHEN status = 'queued' AND n % 20 = 1 THEN at + {{jobs}} END, (status <> 'queued')::int,
        CASE status WHEN 'running' THEN 'worker_' || n / 250 % 8 END,
        CASE status WHEN 'running' THEN {START} + 100 + n % 600 END, 0,
        CASE WHEN n % 10000 = 1 THEN 2 ELSE 0 END, 0
    FROM (
        SELECT n, 'job_' || lpad(to_hex(n), 12, '0') AS id, 'h' || n % {HOSTS} || '.test' AS host,
            {START} - {{jobs}} / 10 + n / 10.0 AS at, CASE WHEN n % 50 = 7 THEN 'crowd_' || n / 1000 END AS batch_id,
            CASE WHEN n <= {{jobs}} / 2 THEN {ENDS}[n / 7 % 5 + 1] WHEN n % 250 = 9 THEN 'running'
                ELSE 'queued' END AS status
        FROM generate_series(1, {{jobs}}) AS n) AS made
"""  # noqa: S608 - constants
REST = f"""
    INSERT INTO job_tags SELECT tag, created_at, id FROM jobs, LATERAL (VALUES ('red'), ('of ' || host)) AS of (tag)
        WHERE right(id, 1) = '7';
    INSERT INTO job_results (job_id, fence, status_code, final_url, headers, content_type, size, chunks, elapsed_s)
        SELECT id, 1, 200, url, '[]', 'text/html', 1, CASE right(id, 3) WHEN '990' THEN 1 END, 1
        FROM jobs WHERE status = 'completed' AND right(id, 1) = '0';
    INSERT INTO body_chunks
        SELECT job_id, fence, seq, 'x' FROM job_results, generate_series(0, 99) AS seq WHERE chunks = 1;
    INSERT INTO lane_states (lane, queued, in_flight, turn, blocked_until, batch_id)
        SELECT lane, sum((status = 'queued' AND due_at IS NULL)::int), sum((status = 'running')::int),
            {LATER} + min(created_at), CASE WHEN right(lane, 6) = '9.test' THEN {LATER} END,
            min(CASE WHEN right(lane, 8) = ' limited' THEN batch_id END)
        FROM jobs WHERE status = ANY('{{queued, running}}') GROUP BY lane;
    INSERT INTO batches (id, total, created_at, parallel_limit, turn, queued)
        SELECT batch_id, count(*), min(created_at), min(CASE WHEN right(lane, 8) = ' limited' THEN 5 END), {LATER},
            coalesce(sum((status = 'queued')::int) FILTER (WHERE right(lane, 8) = ' limited'), 0)
        FROM jobs WHERE batch_id IS NOT NULL GROUP BY batch_id;
    INSERT INTO counts SELECT batch_id, status, slot, n FROM (
        SELECT coalesce(batch_id, '') AS batch_id, status, count(*) AS n
                FROM jobs GROUP BY coalesce(batch_id, ''), status) AS counted, generate_series(0, 3) AS slot;
    INSERT INTO idempotency_keys SELECT 'key_' || n, 'd', '{{}}', {START} + n FROM generate_series(1, 100000) AS n;
"""  # noqa: S608 - constants
INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes
    WHERE tablename = 'jobs' AND schemaname = current_schema() AND indexname <> 'jobs_pkey'
"""


def crowded(url: str, jobs: int = JOBS) -> None:
    """Fills an empty database. Indexes are made afterwards, which is faster."""
    migrate(url)
    asyncio.run(_fill(url, jobs))


async def _fill(url: str, jobs: int) -> None:
    connection = await asyncpg.connect(url)
    try:
        indexes = await connection.fetch(INDEXES)
        await connection.execute(";".join(f"DROP INDEX {name}" for name, _ in indexes))
        await connection.execute(CROWD.format(jobs=jobs))
        await connection.execute(";".join(made_anew for _, made_anew in indexes))
        await connection.execute(REST)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()
