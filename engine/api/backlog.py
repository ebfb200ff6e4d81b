"""The queue: how much waits, how much runs, how long it would take; and an end to what waits."""

from math import inf

from aiohttp import web

from engine.api.answers import ClearedQueue, QueueStatus
from engine.api.rendering import json_answer
from engine.api.services import SERVICES
from engine.jobs.backlog import Backlog
from engine.jobs.command import ClearQueue

STEP = 1000
"""Jobs a transaction: others want to write, too."""


async def queue_status(request: web.Request) -> web.StreamResponse:
    services = request.app[SERVICES]
    queue, backlog = await services.store.queue(), await services.store.backlog()
    return json_answer(
        QueueStatus(
            queue_size=queue.due + queue.delayed,
            running_jobs=queue.running,
            max_concurrent_jobs=services.figures.max_concurrent_jobs,
            running_job_ids=list(queue.running_ids),
            queue_type=services.figures.queue_type,
            backlog_seconds=_backlog_s(backlog),
            due=queue.due,
            delayed=queue.delayed,
        )
    )


async def clear_queue(request: web.Request) -> web.StreamResponse:
    """In steps, and no more than waits now: what comes meanwhile may keep coming."""
    services = request.app[SERVICES]
    queue = await services.store.queue()
    left, cleared = queue.due + queue.delayed, 0
    while left > 0:
        limit = min(left, STEP)
        reached = len((await services.reach(ClearQueue(limit=limit))).job_ids)
        cleared += reached
        left = left - limit if reached == limit else 0
    return json_answer(ClearedQueue(message=f"{cleared} queued jobs are cancelled", cleared=cleared))


def _backlog_s(backlog: Backlog) -> float | None:
    """None also where nobody works: no number would be true."""
    return None if backlog.seconds == inf else backlog.seconds
