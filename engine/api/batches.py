"""Jobs submitted together: how they stand, and their end before their time."""

from aiohttp import web

from engine.api.answers import BatchAnswer, CancelledBatch, StatusCounts
from engine.api.dates import shown, shown_if
from engine.api.rendering import json_answer
from engine.api.services import SERVICES, Services
from engine.errors import AlreadyFinishedError, UnknownBatchError
from engine.jobs.command import CancelBatch
from engine.jobs.query import BatchFigures, Counts
from engine.jobs.status import Status

STEP = 1000
"""Jobs a transaction: others want to write, too."""


async def batch_status(request: web.Request) -> web.StreamResponse:
    services = request.app[SERVICES]
    figures = await services.store.batch(request.match_info["batch_id"])
    if figures is None:
        raise UnknownBatchError
    return json_answer(_answer(figures, now=services.wall()))


async def cancel_batch(request: web.Request) -> web.StreamResponse:
    services, batch_id = request.app[SERVICES], request.match_info["batch_id"]
    if await services.store.batch(batch_id) is None:
        raise UnknownBatchError
    cancelled = await _cancelled(batch_id, services)
    if not cancelled:
        raise AlreadyFinishedError("All jobs of the batch are already finished.")
    return json_answer(CancelledBatch(message=f"Batch {batch_id} is cancelled", cancelled=cancelled))


async def _cancelled(batch_id: str, services: Services) -> int:
    """In steps: what is claimed between two of them runs, and is cancelled by the next."""
    cancelled, reached = 0, STEP
    while reached == STEP:
        reached = len((await services.reach(CancelBatch(batch_id=batch_id, limit=STEP))).job_ids)
        cancelled += reached
    return cancelled


def _answer(figures: BatchFigures, *, now: float) -> BatchAnswer:
    batch = figures.batch
    return BatchAnswer(
        batch_id=batch.id,
        status=figures.status.value,
        total_jobs=batch.total,
        counts=_counts(figures.counts),
        progress=figures.progress,
        created_at=shown(batch.created_at),
        estimated_completion=shown_if(figures.ends_at(now)),
        parallel_limit=batch.parallel_limit,
        stop_on_error=batch.stop_on_error,
    )


def _counts(counts: Counts) -> StatusCounts:
    return StatusCounts(
        queued=counts[Status.QUEUED],
        running=counts[Status.RUNNING],
        completed=counts[Status.COMPLETED],
        failed=counts[Status.FAILED],
        cancelled=counts[Status.CANCELLED],
    )
