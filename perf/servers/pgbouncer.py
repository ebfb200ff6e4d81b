"""A real PgBouncer before a server, that gives each transaction another session."""

import shutil
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from time import monotonic, sleep
from urllib.parse import urlsplit, urlunsplit

from perf.servers.binaries import user
from perf.servers.child import free_port, launched

STARTS_WITHIN_S = 10.0
STOPS_WITHIN_S = 10.0
LOOK_EVERY_S = 0.01
CONFIG = """
[databases]
* = host={host} port={port} user=postgres
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = {listens}
unix_socket_dir =
auth_type = any
pool_mode = transaction
max_client_conn = 500
default_pool_size = {sessions}
"""


class PgBouncerError(Exception):
    """It did not start."""


def is_there() -> bool:
    return program() is not None


def program() -> str | None:
    return shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin:/opt/homebrew/bin")


@contextmanager
def a_pgbouncer(url: str, *, sessions: int = 4) -> Iterator[str]:
    """The URL of the same database through it; `sessions` are what all its clients share."""
    there, port = urlsplit(url), free_port()
    with TemporaryDirectory(prefix="cfscraper-pgbouncer-") as name:
        folder = Path(name)
        config = folder / "pgbouncer.ini"
        config.write_text(CONFIG.format(host=there.hostname, port=there.port, listens=port, sessions=sessions))
        if (owner := user()) is not None:
            shutil.chown(folder, owner)
        process = launched((program() or "pgbouncer", "-q", config), folder / "log")
        try:
            _wait_until_ready(port, folder / "log")
            yield urlunsplit(there._replace(netloc=f"postgres@127.0.0.1:{port}"))
        finally:
            process.kill()
            process.wait(STOPS_WITHIN_S)


def _wait_until_ready(port: int, log: Path) -> None:
    ends_at = monotonic() + STARTS_WITHIN_S
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except ConnectionRefusedError as error:
            if monotonic() > ends_at:
                raise PgBouncerError(log.read_text(errors="replace")) from error
            sleep(LOOK_EVERY_S)
        else:
            return
