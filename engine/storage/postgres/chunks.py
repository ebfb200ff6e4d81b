"""Keeps pieces of large bodies before it is known whether they become a result, and sweeps those that did not."""

from collections.abc import Iterable
from operator import itemgetter

from engine.jobs.command import KeepChunk
from engine.storage.frames import compressed
from engine.storage.postgres.transaction import Transaction

KEEP = "INSERT INTO body_chunks (job_id, fence, seq, data) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING"
OPEN = """
    INSERT INTO open_bodies (job_id, fence)
    SELECT * FROM unnest($1::text[], $2::text::int[]) ON CONFLICT DO NOTHING
"""
SWEEP = """
    DELETE FROM body_chunks WHERE ctid = ANY(ARRAY(
        SELECT piece.ctid FROM open_bodies AS body JOIN body_chunks AS piece USING (job_id, fence)
        WHERE NOT EXISTS (
            SELECT 1 FROM jobs WHERE id = body.job_id AND jobs.fence = body.fence AND status = 'running')
        AND NOT EXISTS (
            SELECT 1 FROM job_results AS result
            WHERE result.job_id = body.job_id AND result.fence = body.fence AND result.chunks IS NOT NULL)
        LIMIT $1 FOR UPDATE OF piece SKIP LOCKED))
"""
CLOSE = """
    DELETE FROM open_bodies AS body WHERE NOT EXISTS (
        SELECT 1 FROM jobs WHERE id = body.job_id AND jobs.fence = body.fence AND status = 'running')
    AND NOT EXISTS (
        SELECT 1 FROM body_chunks AS piece LEFT JOIN job_results AS result USING (job_id, fence)
        WHERE piece.job_id = body.job_id AND piece.fence = body.fence AND result.chunks IS NULL)
"""


async def keep(transaction: Transaction, commands: Iterable[KeepChunk]) -> None:
    """What was kept before stays as it is. Raises a violation of the foreign key for an unknown job."""
    commands = tuple(commands)
    frames = compressed([command.data for command in commands])
    rows = [
        (command.job_id, command.fence, command.seq, frame) for command, frame in zip(commands, frames, strict=True)
    ]
    await transaction.each(KEEP, sorted(rows, key=itemgetter(0, 1, 2)))
    await transaction.write(OPEN, sorted({(command.job_id, command.fence) for command in commands}))


async def sweep(transaction: Transaction, limit: int) -> int:
    """Removes up to `limit` pieces that can become no result any more, and says how many."""
    swept = await transaction.run(SWEEP, limit)
    if swept < limit:
        await transaction.run(CLOSE)
    return swept
