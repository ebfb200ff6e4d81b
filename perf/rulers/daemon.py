"""A daemon on an empty SQLite file, on the core that is measured; the site and who asks have the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from perf.process import ModuleProcess, running
from perf.rulers.ruler import SERVER_CPU

CONNECTIONS = 32


@asynccontextmanager
async def a_daemon() -> AsyncIterator[ModuleProcess]:
    with TemporaryDirectory() as folder:
        environment = {"DATABASE_URL": f"sqlite:///{Path(folder) / 'jobs.db'}", "PORT": "0", "LOG_FORMAT": "json"}
        async with running("actors", ("serve",), cpu=SERVER_CPU, env=environment) as daemon:
            yield daemon
