"""What the API uses: ports and values, handed over once when the application is built."""

import time
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

from aiohttp import web

from engine.api.admission import Admission
from engine.api.keeping import Keeping
from engine.api.looks import Growths, Profiler
from engine.api.memory_status import MemoryStatus
from engine.jobs.bottleneck import Bottleneck
from engine.jobs.command import Bulk, Command, Reached
from engine.jobs.ids import Ids
from engine.jobs.ports import Answer, JobStore
from engine.jobs.request import Options, Selector
from engine.jobs.trace import TraceContext
from engine.runtime import Closing, Pressure, Window


class Health(Protocol):
    """How the process is."""

    @property
    def name(self) -> str: ...
    @property
    def version(self) -> str: ...
    @property
    def started_at(self) -> float:
        """Epoch seconds, by Services.now."""

    def is_live(self) -> bool:
        """False only when nothing but a restart helps."""

    def readiness(self) -> tuple[bool, str]:
        """Can jobs be accepted and run? If not, the reason in words."""


class Figures(Protocol):
    """What the queue's status tells beside the store's own figures."""

    @property
    def queue_type(self) -> str: ...
    @property
    def max_concurrent_jobs(self) -> int: ...
    def per_second(self) -> float | None:
        """Jobs that all processes on the store settle a second; None until a rate was measured."""

    def wait_s(self) -> float | None:
        """What a job that comes now may expect until its end, by what was measured last; None while that is nothing."""


class Traffic(Protocol):
    """Counts requests; must not raise. `endpoint` is a route's path, or `unmatched`."""

    def served(self, *, method: str, endpoint: str, status_code: int, seconds: float) -> None: ...


class ServerSpan(Protocol):
    """One request, as a trace shows it."""

    @property
    def context(self) -> TraceContext | None:
        """What belongs under it; None where nothing is to be traced."""

    def end(self, *, status_code: int | None, job_id: str | None) -> None:
        """Without a status: it was never answered. Must not raise."""


class Tracer(Protocol):
    """Shows requests in traces; must not raise. `parent` is what the client sent."""

    def serving(
        self, *, method: str, endpoint: str, path: str, request_id: str, parent: TraceContext | None
    ) -> ServerSpan: ...


class Log(Protocol):
    """Where the one event goes that is an error of ours."""

    def error(self, event: str, **fields: Any) -> Any: ...


class Decoding(Protocol):
    """A body as text, piece by piece; must not raise."""

    def __call__(self, piece: bytes, *, is_last: bool) -> str: ...


class Reads(Protocol):
    """What it takes to read a result."""

    @property
    def store(self) -> JobStore: ...
    @property
    def decoding(self) -> Callable[[str], Decoding]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """Ports the handlers call; `wall` and `now` give epoch seconds, `clock` seconds that only rise."""

    store: JobStore
    """Read from, never written to."""
    commit: Callable[[Command], Awaitable[Answer]]
    """Returns once the command is on the disk. Raises errors of engine.errors and engine.runtime."""
    window: Callable[[int], Window[Command, Answer]]
    """Of that width: many commands on their way at once, each answered as by `commit`."""
    ids: Ids
    options: Options
    """A job's options where it gives none; its max_body_bytes bounds what a job may ask for."""
    validate_selector: Callable[[Selector], None]
    """Raises ValueError for one that cannot be used."""
    decoding: Callable[[str], Decoding]
    """By the codec that a page names."""
    health: Health
    figures: Figures
    traffic: Traffic
    render_metrics: Callable[[str], tuple[str, bytes]]
    """From an Accept header to a content type and the metrics."""
    admission: Admission
    """Holds what requests do within their budget."""
    memory: Callable[[], MemoryStatus]
    snapshot: Callable[[float], Awaitable[Growths]]
    """Traces allocations for so many seconds. Raises SnapshotUnderWayError."""
    bottlenecks: Callable[[Iterable[Bottleneck]], None]
    """Counts what an analysis found."""
    profiler: Profiler
    log: Log
    wall: Callable[[], float]
    now: Callable[[], float]
    """The store's time, which the wall clock's jumps do not move."""
    clock: Callable[[], float] = time.perf_counter
    keeping: Keeping = field(default_factory=Keeping)
    closing: Closing = field(default_factory=Closing)
    """Ends what a request waits for when the service stops."""
    pressure: Pressure = field(default_factory=Pressure)
    """Says when nothing new is to be taken."""
    enable_docs: bool = True
    tracer: Tracer | None = None

    async def reach(self, command: Bulk) -> Reached:
        """As commit, of a command over many jobs."""
        return cast("Reached", await self.commit(command))


SERVICES = web.AppKey("services", Services)
