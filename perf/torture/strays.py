"""What a server's own check does not look for: jobs that no claim would find, pieces of bodies that nobody sweeps."""

from collections.abc import AsyncIterator

from asyncpg import Connection, Record

UNFOUND = """
    SELECT lane, head, lowest FROM lanes CROSS JOIN LATERAL (
        SELECT min(rank) AS lowest FROM jobs WHERE jobs.lane = lanes.lane AND status = 'queued' AND due_at IS NULL
    ) AS due
    WHERE head > lowest
"""
UNSWEPT = """
    SELECT job_id, count(*) FROM body_chunks AS piece WHERE NOT EXISTS (
        SELECT 1 FROM job_results AS result WHERE result.job_id = piece.job_id AND result.fence = piece.fence)
    AND NOT EXISTS (SELECT 1 FROM open_bodies AS body WHERE body.job_id = piece.job_id AND body.fence = piece.fence)
    GROUP BY job_id
"""
ASKED = {
    UNFOUND: "lane {} begins at {} and has a job before that, at {}",
    UNSWEPT: "of {} there are {} pieces of a body that nobody will sweep",
}


async def strays(connection: "Connection[Record]") -> AsyncIterator[str]:
    """A sentence each."""
    for statement, sentence in ASKED.items():
        for row in await connection.fetch(statement):
            yield sentence.format(*row)
