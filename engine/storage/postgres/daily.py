"""The daily figures: kept, not scanned. What counts is the sum over the slots."""

import orjson
from asyncpg import Connection

from engine.jobs.stats import DAY_S, Stats
from engine.storage.figure_rows import stats_of

# The arrays hold what Tally.days gives; those before them are others', of the same statement.
DAILY = """
    INSERT INTO daily (day, scraper_type, slot, created, completed, failed, cancelled, answered, answered_us)
    SELECT day, scraper_type, pg_backend_pid() % 64, created, completed, failed, cancelled, answered, answered_us
    FROM unnest($4::text::int[], $5::text[], $6::text::int[], $7::text::int[], $8::text::int[], $9::text::int[],
            $10::text::int[], $11::text::bigint[])
        AS v (day, scraper_type, created, completed, failed, cancelled, answered, answered_us)
    ON CONFLICT (day, scraper_type, slot) DO UPDATE SET created = daily.created + excluded.created,
        completed = daily.completed + excluded.completed, failed = daily.failed + excluded.failed,
        cancelled = daily.cancelled + excluded.cancelled, answered = daily.answered + excluded.answered,
        answered_us = daily.answered_us + excluded.answered_us
"""
COHORT = "trunc(created_at / 86400)::int, scraper_type"
DAYS = """
    SELECT coalesce(json_agg(json_build_array(
        day, scraper_type, created, completed, failed, cancelled, answered, answered_us)), '[]')
    FROM (
        SELECT day, scraper_type, sum(created) AS created, sum(completed) AS completed, sum(failed) AS failed,
            sum(cancelled) AS cancelled, sum(answered) AS answered, sum(answered_us)::bigint AS answered_us
        FROM daily WHERE day BETWEEN $1 AND $2 GROUP BY day, scraper_type
        HAVING sum(created) <> 0 OR sum(answered) <> 0) AS each
"""
RUNNING = """
    SELECT count(*) FROM jobs WHERE status = 'running' AND created_at >= $3 AND created_at < $4
        AND scraper_type IN (SELECT scraper_type FROM daily WHERE day BETWEEN $1 AND $2)
"""
STATS = f"SELECT ({DAYS}), ({RUNNING})"


async def stats(connection: Connection, first_day: int, last_day: int) -> Stats:
    bounds = (first_day, last_day, float(first_day * DAY_S), float((last_day + 1) * DAY_S))
    ((days, running),) = await connection.fetch(STATS, *bounds)
    return stats_of(orjson.loads(days), running)
