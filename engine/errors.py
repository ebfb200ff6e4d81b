"""The few errors of the project: what we got wrong, or refuse.

What the web does to us is a value (engine.jobs.outcome), never one of these. Each docstring is the default message.
"""


class EngineError(Exception):
    """Something went wrong in the engine."""

    def __init__(self, message: str | None = None) -> None:
        super().__init__(message or type(self).__doc__)


class IllegalMoveError(EngineError):
    """A job cannot make this move from the state it is in."""


class UnknownJobError(EngineError):
    """There is no such job."""


class UnknownBatchError(EngineError):
    """There is no such batch."""


class NotFinishedError(EngineError):
    """The job is not finished yet."""


class AlreadyFinishedError(EngineError):
    """The job is already finished."""


class NotRetryableError(EngineError):
    """The job has neither failed nor been cancelled."""


class ResultPrunedError(EngineError):
    """The job's result was kept for its time and is gone (RESULT_TTL)."""


class NoBodyError(EngineError):
    """The job finished without a body."""


class OverloadedError(EngineError):
    """The service cannot take this now; try again later."""


class MemoryShortError(OverloadedError):
    """Memory is short: nothing new is taken for now, and what was taken goes on; try again later."""


class StoppingError(EngineError):
    """The service is stopping and takes nothing new."""


class TracingUnavailableError(EngineError):
    """TRACING=otlp needs packages that are not here: pip install --require-hashes -r constraints-otel.txt."""


class SnapshotUnderWayError(EngineError):
    """A memory snapshot is under way; there is one at a time."""


class ProfileUnderWayError(EngineError):
    """The process is being profiled; there is one look at it at a time."""


class RefusedDataError(EngineError):
    """The database refuses a value."""


class StoreError(EngineError):
    """The store cannot do this now."""


class TransientStoreError(StoreError):
    """The store cannot do this for now; it goes on by itself."""


class StoreAwayError(TransientStoreError):
    """The database cannot be reached for now."""


class StoreBusyError(TransientStoreError):
    """All connections to the database are in use; try again later."""


class StoreFullError(TransientStoreError):
    """The disk is full: nothing new is accepted until there is room."""


class StoreDamagedError(StoreError):
    """The database file is damaged: it is kept as it is, and nothing is written to it. `cfscraper check` scans it."""


class StoreInUseError(StoreError):
    """Another process owns this database file; several processes need PostgreSQL."""


class SchemaBehindError(StoreError):
    """The database has not the schema of this release: run `cfscraper migrate`."""


class QueryTooSlowError(StoreError):
    """The query took too long; narrow it by status, host, tag, batch or date."""
