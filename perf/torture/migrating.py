"""A start on a file without the schema or with an older one, killed while it migrates, then started again."""

import asyncio
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from random import Random

from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from engine.storage.check import check
from engine.storage.migrate import alembic_config
from engine.storage.revision import is_current
from perf.process import running, started
from perf.torture.deaths import kill_after_write

LONGEST_S = 0.06
"""About what the migration of an empty file takes from the lock on."""


async def killed_migrating(folder: Path, environment: Mapping[str, str], random: Random) -> tuple[bool, list[str]]:
    """Was the schema not there yet when it died; and what was wrong after the next start."""
    path = folder / "migrating.db"
    _begin(path, random)
    told = {**environment, "DATABASE_URL": f"sqlite:///{path}"}
    async with started("actors", ("serve",), env=told) as daemon:
        lock = path.with_name(f"{path.name}.lock")
        await asyncio.to_thread(kill_after_write, daemon.pid, lock, random.random() * LONGEST_S)
    is_inside = not is_current(path)
    async with running("actors", ("serve",), env=told):
        pass
    return is_inside, check(path)


def _begin(path: Path, random: Random) -> None:
    """No file, or one that an earlier release has left."""
    orders = alembic_config()
    earlier = [script.revision for script in ScriptDirectory.from_config(orders).walk_revisions()][1:]
    revision = random.choice([None, *earlier])
    if revision is None:
        return
    database = create_engine(f"sqlite:///{path}")
    with closing(database.connect()) as connection:
        orders.attributes["connection"] = connection
        command.upgrade(orders, revision)
        connection.commit()
    database.dispose()
