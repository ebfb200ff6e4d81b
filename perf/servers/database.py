"""A database of one's own for a daemon, of either kind; gone in the end."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from perf.servers.postgres import a_postgres

KINDS = ("sqlite", "postgres")


@contextmanager
def a_database(kind: str) -> Iterator[str]:
    """Its URL; a server's commits are durable, as a file's are."""
    if kind == "postgres":
        with a_postgres() as server:
            yield server.url
    else:
        with TemporaryDirectory(prefix="cfscraper-sqlite-") as folder:
            yield f"sqlite:///{Path(folder) / 'jobs.db'}"
