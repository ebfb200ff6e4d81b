"""A real PgBouncer before a server, that gives each transaction another session."""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit, urlunsplit

from perf.servers.binaries import user
from perf.servers.ports import answers_on, free_port

STOPS_WITHIN_S = 10.0
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
max_prepared_statements = 0
"""


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
        with (folder / "log").open("ab") as log:
            process = subprocess.Popen(
                (program() or "pgbouncer", "-q", config),
                user=owner,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        try:
            answers_on(port)
            yield urlunsplit(there._replace(netloc=f"postgres@127.0.0.1:{port}"))
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(STOPS_WITHIN_S)
