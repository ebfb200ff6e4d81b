"""What the server and its driver raise, in the words of the engine. Translated here and nowhere else."""

from contextlib import AbstractContextManager

import asyncpg

from engine.errors import EngineError, QueryTooSlowError, RefusedDataError, StoreAwayError, StoreError, StoreFullError

REFUSED = ("22", "23")
"""Classes of SQLSTATE: data exceptions and integrity constraint violations (PostgreSQL, appendix A)."""
FULL = "53100"
CANCELED = "57014"
BY_A_USER = "user request"
CONFLICTS = frozenset(
    {
        "40001",  # could not be serialized
        "40P01",  # deadlock
    }
)
"""Somebody else came further, and nothing is out of order."""
TRANSIENT = CONFLICTS | frozenset(
    {
        "25P03",  # idle in a transaction for too long
        "53300",  # too many connections
        "55P03",  # a lock was not to be had in time
        "57P01",  # the server is stopping
        "57P02",  # the server crashed
        "57P03",  # the server is starting
        "57P05",  # the session was idle for too long
    }
)
"""What may go well when it is done again from its beginning; and all of class 08, what befalls connections."""
LOST = "08"
CLOSED = "connection is closed"
"""In what the driver says, without a SQLSTATE, when a connection is used that was lost meanwhile."""


RAISED = (
    EngineError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    OSError,
    ValueError,
    OverflowError,
)
"""What TRANSLATED knows."""


class Translated(AbstractContextManager[None]):
    """Errors about values are RefusedDataError, all others a StoreError; the engine's own pass."""

    __slots__ = ()

    def __exit__(self, _: object, error: BaseException | None, __: object) -> None:
        if error is None:
            return
        if isinstance(error, asyncpg.PostgresError):
            raise _translation(error) from error
        if isinstance(error, ValueError | OverflowError):  # what the driver cannot encode
            raise RefusedDataError(f"the database refuses a value: {error}") from error
        if isinstance(error, asyncpg.InterfaceError | asyncpg.InternalClientError | OSError):
            raise _unreachable(error) from error


TRANSLATED = Translated()


def is_transient(error: BaseException | None) -> bool:
    """Whether it may go well when done again: said of the driver's error, or of ours that was made of it."""
    if isinstance(error, EngineError):
        return is_transient(error.__cause__)
    if isinstance(error, asyncpg.PostgresError):
        state = _state(error)
        return state in TRANSIENT or state.startswith(LOST)
    if isinstance(error, asyncpg.InterfaceError):
        return CLOSED in str(error)
    return isinstance(error, (OSError, asyncpg.InternalClientError))  # the latter: lost between two of its states


def is_conflict(error: BaseException) -> bool:
    return isinstance(error, asyncpg.PostgresError) and _state(error) in CONFLICTS


def _translation(error: asyncpg.PostgresError) -> EngineError:
    state = _state(error)
    if state.startswith(REFUSED):
        return RefusedDataError(f"the database refuses a value: {error}")
    if state == FULL:
        return StoreFullError()
    if state == CANCELED and BY_A_USER not in str(error):
        return QueryTooSlowError()
    return (StoreAwayError if is_transient(error) else StoreError)(f"the database: {error}")


def _unreachable(error: Exception) -> StoreError:
    kind = StoreAwayError if is_transient(error) else StoreError
    return kind(f"the database cannot be reached: {str(error) or type(error).__name__}")


def _state(error: asyncpg.PostgresError) -> str:
    return str(error.sqlstate or "")
