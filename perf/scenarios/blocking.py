"""The daemon as it is, but that each request reads one job's row by its key on the event loop before it is answered.

Nobody else is served meanwhile, as in a service whose handlers ask a database synchronously: through sqlite3 or
PostgreSQL's own client library.
"""

import os
import sqlite3
import sys
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from pathlib import Path
from unittest.mock import patch

from aiohttp import web

from actors import daemon
from config.settings import Settings
from engine.api import ROUTES, Services, build_app
from engine.api.route import Route
from perf.servers.libpq import Libpq

READ = "SELECT * FROM jobs WHERE id >= {} ORDER BY id LIMIT 1"
"""The job that is asked for; the first one, where many are."""
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Read = Callable[[str], object]


def blocking(read: Read) -> Callable[..., web.Application]:
    """Builds the application, with a `read` in each request."""

    @web.middleware
    async def first(request: web.Request, handler: Handler) -> web.StreamResponse:
        read(request.match_info.get("job_id", ""))
        return await handler(request)

    def build(services: Services, offered: Sequence[Route] = ROUTES) -> web.Application:
        app = build_app(services, offered)
        app.middlewares.append(first)
        return app

    return build


def reader(settings: Settings) -> Read:
    """Connects for the first read: the daemon has brought the schema by then."""
    embedded = settings.is_embedded
    opened = cache(lambda: _of_a_file(settings.database_path) if embedded else _of(settings.database_url))

    def read(job_id: str) -> object:
        return opened()(job_id)

    return read


def _of_a_file(path: Path) -> Read:
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)
    return lambda job_id: connection.execute(READ.format("?"), (job_id,)).fetchall()


def _of(url: str) -> Read:
    connection, statement = Libpq(url), READ.format("$1").encode()
    return lambda job_id: connection.rows(statement, job_id)


if __name__ == "__main__":
    told = Settings.load(os.environ, Path(".env"))
    with patch.object(daemon, "build_app", blocking(reader(told))):
        sys.exit(daemon.serve(told))
