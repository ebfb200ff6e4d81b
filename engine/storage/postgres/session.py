"""How a connection to the server is made, and what holds for everything done on it."""

from collections.abc import Mapping
from types import MappingProxyType

import asyncpg

from engine.errors import StoreError
from engine.storage.address import dsn
from engine.storage.postgres.limits import PoolLimits

NAME = "cfscraper"
BY_KEY = dict.fromkeys(("enable_seqscan", "enable_bitmapscan", "enable_hashjoin", "enable_mergejoin", "jit"), "off")
"""Each statement goes from a few rows by an index to a few others, in its order. Other ways are cheaper while a table
is small, or of an average lane, and a prepared statement goes on with them in a large table and for a large lane."""
ONCE = {"plan_cache_mode": "force_generic_plan"}
"""Plans are made for any values, once a connection. Else the server plans for the values at hand the first five times,
and each time where it then thinks of fewer rows, as it does of a short array: a seventh of a claim from one lane.
Behind a pooler no statement outlives its transaction, and each is planned for its values."""
HOUSE = MappingProxyType({"synchronous_commit": "on", **BY_KEY})
"""What is promised of a 202, and how statements are planned, whoever stands between."""
OWN = MappingProxyType({**HOUSE, **ONCE})
"""The settings of a session of our own."""
BEGIN = "BEGIN ISOLATION LEVEL READ COMMITTED"
"""Statements look at what others committed meanwhile, whatever the server does for who does not ask for that."""
ANSWERS_WITHIN_S = 5.0
"""After the server's own limit of a statement, before we take it for gone."""


async def connected(url: str, limits: PoolLimits) -> asyncpg.Connection:
    """Raises what the driver raises; of a URL that it cannot read nothing is told, it may hold a password."""
    settings = {"application_name": NAME, "timezone": "UTC"}
    if not limits.is_pooled:
        settings |= {**_times(limits), **OWN}
    try:
        return await asyncpg.connect(
            dsn(url),
            timeout=limits.connect_s,
            command_timeout=limits.statement_s + ANSWERS_WITHIN_S,
            statement_cache_size=0 if limits.is_pooled else 1024,
            server_settings=settings,
        )
    except (asyncpg.exceptions.ClientConfigurationError, ValueError):
        raise StoreError("DATABASE_URL is not the URL of a PostgreSQL server") from None


def opening(limits: PoolLimits) -> str:
    """The SQL that begins a transaction: behind a pooler it brings the limits with it, a session there is anybody's."""
    if not limits.is_pooled:
        return BEGIN
    settings = {**_times(limits), **HOUSE}
    return "; ".join((BEGIN, *(f"SET LOCAL {name} = '{value}'" for name, value in settings.items())))


def _times(limits: PoolLimits) -> Mapping[str, str]:
    times = {
        "statement_timeout": limits.statement_s,
        "lock_timeout": limits.lock_s,
        "idle_in_transaction_session_timeout": limits.idle_in_transaction_s,
    }
    return {name: f"{seconds * 1000:.0f}ms" for name, seconds in times.items()}
