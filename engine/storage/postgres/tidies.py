"""Removes what nobody will ask for again."""

from engine.storage.postgres.chunks import sweep
from engine.storage.postgres.keys import forget
from engine.storage.postgres.transaction import Transaction


async def tidy(transaction: Transaction, limit: int) -> int:
    """Up to `limit` rows of each kind; says how many of all."""
    return await sweep(transaction, limit) + await forget(transaction, limit)
