"""How much more is accepted now."""

from aiohttp import web

from engine.api.about import CapacityStatus
from engine.api.patience import retry_after_s
from engine.api.rendering import json_answer
from engine.api.services import SERVICES, Services

SHORT = "memory is short; /api/v1/system/memory tells more"


async def capacity(request: web.Request) -> web.StreamResponse:
    services = request.app[SERVICES]
    reason, figures = _reason(services), services.figures
    room = services.admission.room() if reason is None else None
    return json_answer(
        CapacityStatus(
            accepting=reason is None,
            reason=reason,
            jobs=room.jobs if room else 0,
            body_bytes=room.body_bytes if room else 0,
            max_concurrent_jobs=figures.max_concurrent_jobs,
            per_second=figures.per_second(),
            wait_seconds=figures.wait_s(),
            retry_after=retry_after_s(figures),
        )
    )


def _reason(services: Services) -> str | None:
    """Why nothing is accepted; None if it is."""
    is_ready, why = services.health.readiness()
    if not is_ready:
        return why
    return None if services.pressure.is_admitting else SHORT
