"""What could be fetched now, and how fast those settle who share the server: each tells it of itself now and then."""

import orjson
from asyncpg import Connection

from engine.jobs.backlog import STALE_S, Backlog, Worker, rate_of
from engine.storage.figure_rows import LANES_AT_MOST, eligible_of
from engine.storage.postgres.figures import OF_ALL
from engine.storage.postgres.transaction import Transaction

REMEMBERED_S = 7 * 86400.0
"""How long one is remembered that is gone: how fast a slot of it was tells something of those to come."""
TELL = """
    INSERT INTO workers (owner, seen_at, slots, per_second, per_slot) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (owner) DO UPDATE SET seen_at = excluded.seen_at, slots = excluded.slots,
        per_second = excluded.per_second, per_slot = excluded.per_slot
"""
FORGET = "DELETE FROM workers WHERE owner = ANY(ARRAY(SELECT owner FROM workers WHERE seen_at < $1 LIMIT 100))"
HEARD = """
    SELECT json_agg(json_build_array(owner, slots, per_second, per_slot)) FILTER (
            WHERE seen_at > $1),
        (array_agg(per_slot ORDER BY seen_at DESC) FILTER (WHERE per_slot IS NOT NULL))[1]
    FROM workers
"""
_OPEN = "queued > 0 AND blocked_until IS NULL AND batch_id IS NULL"
ELIGIBLE = f"""
    SELECT (SELECT json_build_array(count(*), sum(queued)) FROM (
            SELECT queued FROM lanes WHERE {_OPEN} LIMIT {LANES_AT_MOST}) AS open),
        (SELECT sum(least(queued, parallel_limit - in_flight)) FROM (
            SELECT queued, parallel_limit, in_flight FROM batches
            WHERE parallel_limit IS NOT NULL AND queued > 0 AND in_flight < parallel_limit
            LIMIT {LANES_AT_MOST}) AS limited),
        {OF_ALL}
"""  # noqa: S608 - constants


async def tell(transaction: Transaction, own: Worker) -> None:
    await transaction.run(TELL, own.owner, transaction.now, own.slots, own.per_second, own.per_slot)
    await transaction.run(FORGET, transaction.now - REMEMBERED_S)


async def backlog(connection: Connection, now: float) -> Backlog:
    ((told, last),) = await connection.fetch(HEARD, now - STALE_S)
    (((lanes, queued), limited, n),) = ((orjson.loads(row[0]), *row[1:]) for row in await connection.fetch(ELIGIBLE))
    workers = [
        Worker(owner=owner, slots=slots, per_second=per_second, per_slot=per_slot)
        for owner, slots, per_second, per_slot in orjson.loads(told or "[]")
    ]
    return Backlog(
        eligible=eligible_of(lanes, queued, limited, orjson.loads(n)),
        per_second=rate_of(workers, last_per_slot=last),
    )
