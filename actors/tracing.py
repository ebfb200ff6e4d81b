"""Opens the way of traces to a collector, as the settings say. Where they want none, nothing of it is imported."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

from config.settings import Settings
from config.version import release
from engine.api.services import Tracer
from engine.errors import EngineError, TracingUnavailableError
from engine.jobs.ports import Fetch
from engine.metrics.instruments import Witness

SEND_WITHIN_S = 3.0
"""What the last spans have at the end of the process."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tracing:
    """Who shows what: requests, fetches and what is settled."""

    requests: Tracer | None
    fetches: Callable[[Fetch], Fetch]
    settles: Callable[[Callable[[], float]], Sequence[Witness]]
    """By the clock of outcomes."""


UNTRACED = Tracing(requests=None, fetches=lambda fetch: fetch, settles=lambda _: ())


@asynccontextmanager
async def tracing(settings: Settings, *, say: Callable[[str], None]) -> AsyncIterator[Tracing]:
    """`say` is told what is wrong with the export, now and then, from any thread."""
    if settings.tracing == "off":
        yield UNTRACED
        return
    try:
        from engine.tracing import export, fetching, serving, settling  # noqa: PLC0415 - an extra
    except ModuleNotFoundError as error:
        raise TracingUnavailableError from error
    try:
        sent = export.Export(version=release(), tell=say)
    except ValueError as error:
        raise EngineError(f"TRACING=otlp, and the OTEL_* environment cannot be used: {error}") from error
    try:
        yield Tracing(
            requests=serving.Serving(sent.tracer),
            fetches=lambda fetch: fetching.TracedFetch(fetch=fetch, tracer=sent.tracer),
            settles=lambda now: (settling.Settling(tracer=sent.tracer, now=now),),
        )
    finally:
        await sent.close(within_s=SEND_WITHIN_S)
