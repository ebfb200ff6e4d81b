"""Which error is which answer: one table, and the body that every refusal has.

What the table does not name is a fault of ours and tells nothing of its insides.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import web

from engine.api.answers import FieldError
from engine.errors import (
    AlreadyFinishedError,
    EngineError,
    NoBodyError,
    NotFinishedError,
    NotRetryableError,
    OverloadedError,
    ProfileUnderWayError,
    QueryTooSlowError,
    RefusedDataError,
    ResultPrunedError,
    SnapshotUnderWayError,
    StoppingError,
    StoreBusyError,
    StoreDamagedError,
    StoreError,
    StoreFullError,
    UnknownBatchError,
    UnknownJobError,
)
from engine.runtime.errors import AskTimeout, MailboxClosed


class BadRequestError(EngineError):
    """The request cannot be read."""


class UnsupportedMediaError(EngineError):
    """The body must be JSON: Content-Type application/json."""


class BodyTooLargeError(EngineError):
    """The body is larger than this service can take in at once; send less, or lines to /api/v1/scrape/stream."""


class FromElsewhereError(EngineError):
    """Only this machine itself may ask for this, and nobody on behalf of another."""


class ClientGoneError(EngineError):
    """Who asked went away before there was an answer."""


class LineTooLongError(EngineError):
    """The line is longer than 1 MiB."""


class KeyReusedError(EngineError):
    """Something else was submitted under this idempotency key before."""


class InvalidInputError(EngineError):
    """The request is understood and not valid; see the details."""

    def __init__(self, *details: FieldError) -> None:
        super().__init__()
        self.details = details


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What a client is told."""

    status: int
    name: str
    message: str
    details: Sequence[FieldError] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


TABLE: Mapping[type[Exception], tuple[int, str]] = {
    BadRequestError: (400, "bad_request"),
    FromElsewhereError: (403, "from_elsewhere"),
    ClientGoneError: (408, "client_gone"),
    UnknownJobError: (404, "unknown_job"),
    UnknownBatchError: (404, "unknown_batch"),
    NoBodyError: (404, "no_body"),
    NotFinishedError: (409, "not_finished"),
    ResultPrunedError: (410, "pruned"),
    AlreadyFinishedError: (409, "already_finished"),
    NotRetryableError: (409, "not_retryable"),
    SnapshotUnderWayError: (409, "snapshot_under_way"),
    ProfileUnderWayError: (409, "profile_under_way"),
    BodyTooLargeError: (413, "request_entity_too_large"),
    LineTooLongError: (413, "line_too_long"),
    UnsupportedMediaError: (415, "unsupported_media_type"),
    InvalidInputError: (422, "validation_error"),
    KeyReusedError: (422, "idempotency_key_reused"),
    RefusedDataError: (422, "refused_data"),
    QueryTooSlowError: (422, "query_too_slow"),
    OverloadedError: (503, "overloaded"),
    StoppingError: (503, "stopping"),
    MailboxClosed: (503, "stopping"),
    AskTimeout: (503, "no_answer_in_time"),
    StoreFullError: (507, "store_full"),
    StoreBusyError: (503, "store_busy"),
    StoreDamagedError: (503, "store_damaged"),
    StoreError: (503, "store_unavailable"),
}
INTERNAL = Refusal(status=500, name="internal_error", message="Something went wrong here; the log knows the request.")


def refusal_of(error: Exception) -> Refusal:
    if isinstance(error, web.HTTPException):
        return _of_router(error)
    for kind in type(error).__mro__:
        if kind in TABLE:
            status, name = TABLE[kind]
            return Refusal(status=status, name=name, message=str(error), details=getattr(error, "details", ()))
    return INTERNAL


def _of_router(error: web.HTTPException) -> Refusal:
    """What aiohttp refuses by itself: paths and methods that are not there, bodies that are too large."""
    told = HTTPStatus(error.status)
    headers = {"Allow": error.headers["Allow"]} if "Allow" in error.headers else {}
    return Refusal(status=told, name=told.name.lower(), message=f"{told.description or told.phrase}.", headers=headers)
