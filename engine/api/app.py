"""The web application: routes, middleware and services put together. It may be built anew for each life of a server."""

from collections.abc import Iterator, Sequence
from functools import partial

from aiohttp import web

from engine.api import openapi
from engine.api.bodies import BODY_LIMIT
from engine.api.docs import DOCUMENT, Document
from engine.api.middleware import Attendant
from engine.api.route import Route
from engine.api.routes import DOCUMENTED, PREFIX, ROUTES
from engine.api.services import SERVICES, Services

IDS = {"{job_id}": "{job_id:job_[0-9A-Za-z-]{1,64}}", "{batch_id}": "{batch_id:batch_[0-9A-Za-z-]{1,64}}"}
"""What cannot be an id is no path: it never reaches a store."""


def build_app(services: Services, offered: Sequence[Route] = ROUTES) -> web.Application:
    """What is not offered is not there."""
    routes = (*offered, *DOCUMENTED) if services.enable_docs else offered
    attendant = Attendant(services=services, endpoints={each.handler: each.path for each in routes})
    app = web.Application(middlewares=[attendant.attend], client_max_size=BODY_LIMIT)
    app[SERVICES] = services
    app[DOCUMENT] = Document(partial(openapi.written, routes, services))
    app.on_response_prepare.append(attendant.sign)
    for route in routes:
        _add(app, route)
    return app


def _add(app: web.Application, route: Route) -> None:
    for path in _paths(route):
        app.router.add_route(route.method, path, route.handler)
        if route.method == "GET":
            app.router.add_route("HEAD", path, route.handler)


def _paths(route: Route) -> Iterator[str]:
    path = route.path
    for name, pattern in IDS.items():
        path = path.replace(name, pattern)
    yield path
    if path.startswith(PREFIX):
        yield f"{path}/"
