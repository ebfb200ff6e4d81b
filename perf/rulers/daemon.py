"""A daemon on an empty SQLite file, on the core that is measured; the site and who asks have the other."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from perf.process import ModuleProcess, running
from perf.rulers.ruler import SERVER_CPU

CONNECTIONS = 32
STARTS_WITHIN = timedelta(seconds=60)  # on a machine with much else to do


@asynccontextmanager
async def a_daemon() -> AsyncIterator[ModuleProcess]:
    with TemporaryDirectory() as folder:
        environment = {"DATABASE_URL": f"sqlite:///{Path(folder) / 'jobs.db'}", "PORT": "0", "LOG_FORMAT": "json"}
        async with running(
            "actors", ("serve",), cpu=SERVER_CPU, env=environment, starts_within=STARTS_WITHIN
        ) as daemon:
            yield daemon
