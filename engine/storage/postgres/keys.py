"""Keys of submits: under each stands what was answered, until its time is over."""

from collections.abc import Sequence

from engine.jobs.command import Submit
from engine.jobs.once import KEPT_S, Once
from engine.storage.postgres.transaction import Transaction

EXPIRE = "DELETE FROM idempotency_keys WHERE key = ANY($1::text[]) AND expires_at <= $2"
KEEP = """
    INSERT INTO idempotency_keys (expires_at, key, digest, answer)
    SELECT $1::float8, * FROM unnest($2::text[], $3::text[], $4::text[]) ON CONFLICT (key) DO NOTHING
"""
KEPT = "SELECT key, digest, answer FROM idempotency_keys WHERE key = ANY($1::text[])"
FORGET = """
    DELETE FROM idempotency_keys WHERE key = ANY(ARRAY(
        SELECT key FROM idempotency_keys WHERE expires_at <= $1 ORDER BY expires_at LIMIT $2 FOR UPDATE SKIP LOCKED))
"""


async def others(transaction: Transaction, submits: Sequence[Submit]) -> list[Once | None]:
    """For each submit whose key is another's already, what is kept under it. Free keys are taken, first come.

    Who takes a key at the same time elsewhere is waited for.
    """
    asked = [submit.once for submit in submits if submit.once is not None]
    if not asked:
        return [None] * len(submits)
    first = {once.key: once for once in reversed(asked)}
    await transaction.run(EXPIRE, list(first), transaction.now)
    free = sorted((once.key, once.digest, once.answer) for once in first.values())
    await transaction.write(KEEP, free, transaction.now + KEPT_S)
    rows = await transaction.rows(KEPT, list(first))
    kept = {key: Once(key=key, digest=digest, answer=answer) for key, digest, answer in rows}
    return [_other(submit.once, kept) for submit in submits]


async def forget(transaction: Transaction, limit: int) -> int:
    """Removes up to `limit` keys whose time is over, and says how many."""
    return await transaction.run(FORGET, transaction.now, limit)


def _other(once: Once | None, kept: dict[str, Once]) -> Once | None:
    """None too for one's own, which was asked to be kept before: an answer is nobody else's."""
    return None if once is None or kept[once.key] == once else kept[once.key]
