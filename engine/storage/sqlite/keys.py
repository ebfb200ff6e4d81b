"""Keys of submits: under each stands what was answered, until its time is over."""

from collections.abc import Iterable, Sequence

from engine.jobs.command import Submit
from engine.jobs.once import KEPT_S, Once
from engine.storage.codec import dumps
from engine.storage.sqlite.many_rows import ManyRows
from engine.storage.sqlite.transaction import Transaction

KEPT = """
    SELECT key, digest, answer FROM idempotency_keys
    WHERE key IN (SELECT value FROM json_each(?)) AND expires_at > ?
"""
KEEP = ManyRows(
    text="INSERT INTO idempotency_keys (key, digest, answer, expires_at) VALUES {rows} ON CONFLICT (key) DO UPDATE "
    "SET digest = excluded.digest, answer = excluded.answer, expires_at = excluded.expires_at",
    width=4,
)
FORGET = """
    DELETE FROM idempotency_keys WHERE rowid IN (
        SELECT rowid FROM idempotency_keys WHERE expires_at <= ? LIMIT ?)
"""


def others(transaction: Transaction, submits: Sequence[Submit]) -> list[Once | None]:
    """For each submit whose key is another's already, what is kept under it. Free keys are taken, first come."""
    asked = [submit.once for submit in submits if submit.once is not None]
    if not asked:
        return [None] * len(submits)
    kept = _kept(transaction, asked)
    free = {once.key: once for once in reversed(asked) if once.key not in kept}
    expires_at = transaction.now + KEPT_S
    transaction.write(KEEP, [(once.key, once.digest, once.answer, expires_at) for once in free.values()])
    return [_other(submit.once, kept | free) for submit in submits]


def forget(transaction: Transaction, limit: int) -> int:
    """Removes up to `limit` keys whose time is over, and says how many."""
    return transaction.run(FORGET, transaction.now, limit)


def _kept(transaction: Transaction, asked: Iterable[Once]) -> dict[str, Once]:
    rows = transaction.rows(KEPT, dumps([once.key for once in asked]), transaction.now)
    return {key: Once(key=key, digest=digest, answer=answer) for key, digest, answer in rows}


def _other(once: Once | None, kept: dict[str, Once]) -> Once | None:
    """None too for one's own, which was asked to be kept before: an answer is nobody else's."""
    return None if once is None or kept[once.key] == once else kept[once.key]
