"""Removes what nobody will ask for again."""

from engine.storage.sqlite.chunks import sweep
from engine.storage.sqlite.keys import forget
from engine.storage.sqlite.transaction import Transaction


def tidy(transaction: Transaction, limit: int) -> int:
    """Up to `limit` rows of each kind; says how many of all."""
    return sweep(transaction, limit) + forget(transaction, limit)
