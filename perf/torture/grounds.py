"""A ground of either kind."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from perf.servers.postgres import a_postgres
from perf.torture.embedded import EmbeddedGround
from perf.torture.ground import Ground
from perf.torture.server import ServerGround


@contextmanager
def a_ground(database: str, folder: Path) -> Iterator[Ground]:
    """In the folder, or on a server of its own that ends with the block."""
    if database == "sqlite":
        yield EmbeddedGround(folder)
        return
    with a_postgres() as server:
        yield ServerGround(server)
