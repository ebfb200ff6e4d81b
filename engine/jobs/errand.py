"""On whose behalf the current task is at work, for who writes a log or a trace: looked at only when one is written."""

from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Protocol

from engine.jobs.trace import TraceContext

NOBODY: Mapping[str, str] = MappingProxyType({})


class Errand(Protocol):
    """What one task does, one after the other; it tells what it has in hand at the moment."""

    def ids(self) -> Mapping[str, str]:
        """Of request_id, job_id and trace_id those that are known."""


ERRAND: ContextVar[Errand] = ContextVar("errand")


def ids_in_hand() -> Mapping[str, str]:
    errand = ERRAND.get(None)
    return NOBODY if errand is None else errand.ids()


def ids_of(*, request_id: str | None = None, job_id: str | None = None, trace: TraceContext | None) -> dict[str, str]:
    trace_id = None if trace is None else trace.trace_id
    ids = {"request_id": request_id, "job_id": job_id, "trace_id": trace_id}
    return {name: value for name, value in ids.items() if value is not None}
