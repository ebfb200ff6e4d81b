"""Keeps pieces of large bodies before it is known whether they become a result, and sweeps those that did not."""

from collections.abc import Iterable

from engine.jobs.command import KeepChunk
from engine.storage.frames import compressed
from engine.storage.sqlite.many_rows import ManyRows
from engine.storage.sqlite.transaction import Transaction

KEEP = "INSERT INTO body_chunks (job_id, fence, seq, data) VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"
DATA = 3
"""Its place in such a row."""
OPEN = ManyRows(text="INSERT INTO open_bodies (job_id, fence) VALUES {rows} ON CONFLICT DO NOTHING", width=2)
SWEEP = """
    DELETE FROM body_chunks WHERE rowid IN (
        SELECT piece.rowid FROM open_bodies AS body CROSS JOIN body_chunks AS piece USING (job_id, fence)
        WHERE NOT EXISTS (
            SELECT 1 FROM jobs WHERE id = body.job_id AND jobs.fence = body.fence AND status = 'running')
        AND NOT EXISTS (
            SELECT 1 FROM job_results AS result
            WHERE result.job_id = body.job_id AND result.fence = body.fence AND result.chunks IS NOT NULL)
        LIMIT ?)
"""
CLOSE = """
    DELETE FROM open_bodies WHERE NOT EXISTS (
        SELECT 1 FROM jobs WHERE id = job_id AND jobs.fence = open_bodies.fence AND status = 'running')
"""


def keep(transaction: Transaction, commands: Iterable[KeepChunk]) -> None:
    """What was kept before stays as it is. Raises IntegrityError for an unknown job."""
    commands = tuple(commands)
    frames = compressed([command.data for command in commands])
    rows = [
        (command.job_id, command.fence, command.seq, frame) for command, frame in zip(commands, frames, strict=True)
    ]
    transaction.write_each(KEEP, rows, large=(DATA,))
    transaction.write(OPEN, sorted({(command.job_id, command.fence) for command in commands}))


def sweep(transaction: Transaction, limit: int) -> int:
    """Removes up to `limit` pieces that can become no result any more, and says how many."""
    swept = transaction.run(SWEEP, limit)
    if swept < limit:
        transaction.run(CLOSE)
    return swept
