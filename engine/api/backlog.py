"""The queue: how much waits, how much runs, how long it would take."""

from aiohttp import web

from engine.api.answers import QueueStatus
from engine.api.rendering import json_answer
from engine.api.services import SERVICES
from engine.jobs.query import QueueFigures


async def queue_status(request: web.Request) -> web.Response:
    services = request.app[SERVICES]
    queue = await services.store.queue()
    return json_answer(
        QueueStatus(
            queue_size=queue.due + queue.delayed,
            running_jobs=queue.running,
            max_concurrent_jobs=services.figures.max_concurrent_jobs,
            running_job_ids=list(queue.running_ids),
            queue_type=services.figures.queue_type,
            backlog_seconds=_backlog_s(queue, services.figures.per_second()),
            due=queue.due,
            delayed=queue.delayed,
        )
    )


def _backlog_s(queue: QueueFigures, per_second: float | None) -> float | None:
    """None also while nothing moves: no number would be true."""
    return queue.due / per_second if per_second else None
