"""How the service is: for people, for probes, for Prometheus. Asks no outside site."""

from aiohttp import web

from engine.api.about import ApiHealth, Liveness, Readiness, ServiceHealth, ServiceIllness
from engine.api.answers import Message
from engine.api.dates import shown
from engine.api.rendering import json_answer
from engine.api.services import SERVICES


async def root(request: web.Request) -> web.StreamResponse:
    health = request.app[SERVICES].health
    return json_answer(Message(message=f"{health.name} {health.version}"))


async def service_health(request: web.Request) -> web.StreamResponse:
    services = request.app[SERVICES]
    health, (is_ready, reason) = services.health, services.health.readiness()
    if not is_ready:
        return json_answer(ServiceIllness(status="unhealthy", error=reason, service=health.name), status=503)
    now = shown(services.wall())
    return json_answer(ServiceHealth(status="healthy", version=health.version, service=health.name, timestamp=now))


async def api_health(request: web.Request) -> web.StreamResponse:
    services = request.app[SERVICES]
    health, (is_ready, _) = services.health, services.health.readiness()
    answer = ApiHealth(
        status="healthy" if is_ready else "unhealthy",
        version=health.version,
        timestamp=shown(services.wall()),
        uptime=services.now() - health.started_at,
    )
    return json_answer(answer, status=200 if is_ready else 503)


async def live(request: web.Request) -> web.StreamResponse:
    if request.app[SERVICES].health.is_live():
        return json_answer(Liveness(status="alive"))
    return json_answer(Liveness(status="dead"), status=503)


async def ready(request: web.Request) -> web.StreamResponse:
    is_ready, reason = request.app[SERVICES].health.readiness()
    if is_ready:
        return json_answer(Readiness(status="ready", reason=None))
    return json_answer(Readiness(status="not ready", reason=reason), status=503)


async def metrics(request: web.Request) -> web.StreamResponse:
    content_type, body = request.app[SERVICES].render_metrics(request.headers.get("Accept", ""))
    return web.Response(body=body, headers={"Content-Type": content_type})
