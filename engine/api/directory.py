"""Where each path leads: found by one look into a dict, whatever the number of routes.

What is not there is left to aiohttp's own search, which knows why it is refused.
"""

import re
from collections.abc import Awaitable, Callable

from aiohttp import web
from aiohttp.hdrs import EXPECT
from aiohttp.web_urldispatcher import MatchInfoError

from engine.api.route import Handler

IDS = {"job_id": "job_[0-9A-Za-z-]{1,64}", "batch_id": "batch_[0-9A-Za-z-]{1,64}"}
"""What cannot be an id is no path: it never reaches a store."""
_ID = re.compile(f"/(?:{'|'.join(f'(?P<{name}>{pattern})' for name, pattern in IDS.items())})(?![^/])")

DIRECTORY: "web.AppKey[Directory]" = web.AppKey("directory")
Place = str | tuple[str, str, str]
"""A path; or what comes before its id, what it is the id of, and what comes after."""


class Directory:
    """Of one application. Paths are as routes have them, `{job_id}` and `{batch_id}` for what is an id."""

    def __init__(self, app: web.Application, *, attended: Callable[[Handler], Handler]) -> None:
        """`attended` sees refusals of the search in and out, as each route's handler is."""
        self._app = app
        self._search = app.router.resolve
        self._attended = attended
        self._fixed: dict[tuple[str, str], Fixed] = {}
        self._routes: dict[tuple[Place, str], web.AbstractRoute] = {}

    def add(self, path: str, route: web.AbstractRoute) -> None:
        place = _place(path)
        if isinstance(place, str):
            self._fixed[place, route.method] = Fixed(route, self._app)
        else:
            self._routes[place, route.method] = route

    def answered(self, request: web.Request) -> Awaitable[web.StreamResponse]:
        """As the application answers. A path without ids goes past its dozen steps, one of which is a system call."""
        fixed = self._fixed.get((request.rel_url.path_safe, request.method))
        if fixed is None or EXPECT in request.headers:
            return self._app._handle(request)  # noqa: SLF001 - what would be called in place of this
        request._match_info = fixed  # noqa: SLF001 - as the application does
        return fixed.attended(request)

    async def resolve(self, request: web.Request) -> web.UrlMappingMatchInfo:
        path, method = request.rel_url.path_safe, request.method
        if (fixed := self._fixed.get((path, method))) is not None:
            return fixed
        if (found := _ID.search(path)) is not None and (name := found.lastgroup):
            place = path[: found.start()], name, path[found.end() :]
            if (route := self._routes.get((place, method))) is not None:
                return web.UrlMappingMatchInfo({name: found[name]}, route)
        refused = await self._search(request)
        return Nowhere(refused.http_exception or web.HTTPNotFound(), self._attended)


class Fixed(web.UrlMappingMatchInfo):
    """Where a path without ids leads: one for all its requests, which is of the application from the beginning."""

    def __init__(self, route: web.AbstractRoute, app: web.Application) -> None:
        super().__init__({}, route)
        super().add_app(app)
        self.attended = route.handler

    def add_app(self, app: web.Application) -> None:
        """It is told of already."""

    def freeze(self) -> None:
        """There is nothing to change."""


class Nowhere(MatchInfoError):  # noqa: N818 - a match that is none, no exception
    """A path or a method that is not there."""

    def __init__(self, refusal: web.HTTPException, attended: Callable[[Handler], Handler]) -> None:
        super().__init__(refusal)
        self._refuse = attended(super().handler)

    @property
    def handler(self) -> Handler:
        return self._refuse


def _place(path: str) -> Place:
    for name in IDS:
        before, variable, after = path.partition(f"/{{{name}}}")
        if variable:
            return before, name, after
    return path
