"""The web application: routes, middleware and services put together."""

from collections.abc import Iterator, Sequence
from functools import partial

from aiohttp import web

from engine.api import openapi
from engine.api.admission import Admission
from engine.api.directory import DIRECTORY, IDS, Directory
from engine.api.docs import DOCUMENT, Document
from engine.api.middleware import Attendant
from engine.api.route import Handler, Route
from engine.api.routes import DOCUMENTED, PREFIX, PROBES, ROUTES
from engine.api.services import SERVICES, Services
from engine.api.written import JSON


def build_app(services: Services, offered: Sequence[Route] = ROUTES) -> web.Application:
    """What is not offered is not there."""
    routes = (*offered, *DOCUMENTED) if services.enable_docs else offered
    attendant = Attendant(services=services)
    app = web.Application()
    app[SERVICES] = services
    app[DOCUMENT] = Document(partial(openapi.written, routes, services))
    app.on_response_prepare.append(attendant.sign)
    directory = app[DIRECTORY] = Directory(app, attended=attendant.attended)
    for route in routes:
        tracer = None if route in PROBES else services.tracer
        _add(app, directory, route, attendant.attended(_paid(services.admission, route), route.path, tracer))
    app.router.resolve = directory.resolve  # type: ignore[method-assign]  # tests/engine/api/test_directory.py
    return app


def _add(app: web.Application, directory: Directory, route: Route, handler: Handler) -> None:
    methods = ("GET", "HEAD") if route.method == "GET" else (route.method,)
    for path in _paths(route):
        for method in methods:
            directory.add(path, app.router.add_route(method, _with_ids(path), handler))


def _paid(admission: Admission, route: Route) -> Handler:
    """A stream pays for what it holds by itself."""
    if route.body is None or route.body_type != JSON:
        return route.handler
    return admission.paid(route.handler, most_bytes=route.most_bytes, most_jobs=route.most_jobs)


def _paths(route: Route) -> Iterator[str]:
    yield route.path
    if route.path.startswith(PREFIX):
        yield f"{route.path}/"


def _with_ids(path: str) -> str:
    """As aiohttp writes what is variable in it."""
    for name, pattern in IDS.items():
        path = path.replace(f"{{{name}}}", f"{{{name}:{pattern}}}")
    return path
