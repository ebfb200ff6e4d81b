"""What is counted in a database on a server, against what is there: once no daemon works in it."""

from collections.abc import AsyncIterator

from asyncpg import Connection, Record

from engine.storage.check import EMPTY, MISCOUNTED, OVERRUN

MISQUEUED = """
    WITH counted AS (
        SELECT lane, count(*) FILTER (WHERE status = 'queued' AND due_at IS NULL) AS queued,
            count(*) FILTER (WHERE status = 'running') AS in_flight
        FROM jobs GROUP BY lane
        UNION ALL SELECT lane, -queued, -in_flight FROM lanes
    )
    SELECT lane, sum(queued), sum(in_flight) FROM counted GROUP BY lane
    HAVING sum(queued) <> 0 OR sum(in_flight) <> 0
"""
MISPLACED = """
    SELECT lane, head, (SELECT min(rank) FROM jobs WHERE jobs.lane = lanes.lane AND status = 'queued'
        AND due_at IS NULL) AS lowest
    FROM lanes WHERE head > (SELECT min(rank) FROM jobs WHERE jobs.lane = lanes.lane AND status = 'queued'
        AND due_at IS NULL)
"""
MISDATED = """
    WITH counted AS (
        SELECT trunc(created_at / 86400)::int AS day, scraper_type, count(*) AS created,
            count(*) FILTER (WHERE status = 'completed') AS completed,
            count(*) FILTER (WHERE status = 'failed') AS failed
        FROM jobs GROUP BY 1, 2
        UNION ALL SELECT day, scraper_type, -created, -completed, -failed FROM daily
    )
    SELECT day, scraper_type, sum(created), sum(completed), sum(failed) FROM counted GROUP BY day, scraper_type
    HAVING sum(created) <> 0 OR sum(completed) <> 0 OR sum(failed) <> 0
"""
SWEPT = """
    SELECT job_id, count(*) FROM body_chunks AS piece WHERE NOT EXISTS (
        SELECT 1 FROM job_results AS result WHERE result.job_id = piece.job_id AND result.fence = piece.fence)
    AND NOT EXISTS (SELECT 1 FROM open_bodies AS body WHERE body.job_id = piece.job_id AND body.fence = piece.fence)
    GROUP BY job_id
"""
ASKED = {
    MISCOUNTED: "jobs of batch {!r} that are {}: there are {:+} beside those counted",
    MISQUEUED: "lane {}: there are {:+} queued and {:+} in flight beside those counted",
    MISPLACED: "lane {}: its head is {}, and a job before it, at {}",
    MISDATED: "day {}, {}: there are {:+} created, {:+} completed and {:+} failed beside those counted",
    OVERRUN: "{}: {} jobs are in flight, {} may be",
    EMPTY: "lane {} is empty",
    SWEPT: "of {} there are {} pieces of a body that nobody will sweep",
}


async def miscounts(connection: "Connection[Record]") -> AsyncIterator[str]:
    """A sentence each."""
    for statement, sentence in ASKED.items():
        for row in await connection.fetch(statement):
            yield sentence.format(*row)
