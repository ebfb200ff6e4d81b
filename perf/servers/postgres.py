"""A real PostgreSQL of one's own: on a free loopback port, to be killed and started again, and gone in the end.

It dies with the thread that launched it, however that ends.
"""

import shutil
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import mkdtemp
from time import monotonic, sleep

import psutil

from perf.servers.binaries import binaries, user
from perf.servers.child import free_port, launched

PASSWORD = "of-a-server-for-an-hour"  # noqa: S105 - of a server on the loopback that holds nothing
STARTS_WITHIN_S = 30.0
STOPS_WITHIN_S = 20.0
LOOK_EVERY_S = 0.01
READY = "ready"
CARELESS = {"fsync": "off", "full_page_writes": "off"}
SIZES = {"max_connections": "200", "shared_buffers": "64MB"}


class PostgresError(Exception):
    """The server did not start."""


class Postgres:
    """One server; it keeps folder and port while it is down."""

    def __init__(self, folder: Path, *, port: int, options: dict[str, str]) -> None:
        self.folder = folder
        self.port = port
        self._options = options
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Of the superuser, to the database that is always there."""
        return f"postgresql://postgres:{PASSWORD}@127.0.0.1:{self.port}/postgres"

    @property
    def pid(self) -> int:
        if self._process is None:
            raise PostgresError("it is down")
        return self._process.pid

    def start(self) -> None:
        self.launch()
        self.wait_until_ready()

    def pin(self, cpu: int) -> None:
        """Its processes, and those they start from now on, run on that CPU alone."""
        for process in self._everybody():
            with suppress(psutil.NoSuchProcess):
                process.cpu_affinity([cpu])

    def launch(self) -> None:
        """Without waiting until it takes connections."""
        told = {"listen_addresses": "127.0.0.1", "port": str(self.port), "unix_socket_directories": ""} | self._options
        settings = (f"--{name}={value}" for name, value in told.items())
        self._process = launched((binaries() / "postgres", "-D", self._data, *settings), self.folder / "log")

    def wait_until_ready(self) -> None:
        """PostgresError with its log when it ends instead, or takes too long."""
        ends_at = monotonic() + STARTS_WITHIN_S
        while not self._is_ready():
            if self._process is None or self._process.poll() is not None or monotonic() > ends_at:
                raise PostgresError((self.folder / "log").read_text(errors="replace")[-4000:])
            sleep(LOOK_EVERY_S)

    def kill(self) -> None:
        """All its processes at once, as the loss of the machine would."""
        everybody = self._everybody()
        for process in everybody:
            with suppress(psutil.NoSuchProcess):
                process.kill()
        self._is_down(everybody)

    def stop(self, with_signal: int = signal.SIGINT) -> None:
        """SIGINT sends its users away and closes the files, SIGQUIT does not care for them; what stays is killed."""
        everybody = self._everybody()
        if self._process is not None:
            self._process.send_signal(with_signal)
        psutil.wait_procs(everybody, timeout=STOPS_WITHIN_S)
        self.kill()

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    def _everybody(self) -> list[psutil.Process]:
        if self._process is None or self._process.poll() is not None:
            return []
        first = psutil.Process(self._process.pid)
        return [first, *first.children(recursive=True)]

    def _is_down(self, everybody: list[psutil.Process]) -> None:
        psutil.wait_procs(everybody, timeout=STOPS_WITHIN_S)
        if self._process is not None:
            self._process.wait()
        self._process = None

    def _is_ready(self) -> bool:
        """As the server's own pg_ctl sees it: by the last line of the file with its pid."""
        try:
            lines = (self._data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(self.pid) and lines[7].strip() == READY


@contextmanager
def a_postgres(*, durable: bool = True, auth: str = "trust", **options: str | int) -> Iterator[Postgres]:
    """Started, and stopped in the end; `options` are postgresql.conf's. Not durable, it is faster and does no fsync.

    `auth` as in pg_hba.conf: a password costs both sides milliseconds a connection.
    """
    folder = Path(mkdtemp(prefix="cfscraper-postgres-"))
    try:
        _initialize(folder, auth)
        told = SIZES | ({} if durable else CARELESS) | {name: str(value) for name, value in options.items()}
        server = Postgres(folder, port=free_port(), options=told)
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _initialize(folder: Path, auth: str) -> None:
    secret = folder / "password"
    secret.write_text(PASSWORD)
    if (name := user()) is not None:
        shutil.chown(folder, name)
        shutil.chown(secret, name)
    command = (binaries() / "initdb", "-D", folder / "data", "-U", "postgres", "-A", auth, f"--pwfile={secret}")
    settings = ("--no-sync", "--encoding=UTF8", "--locale=C")
    made = subprocess.run(
        (*command, *settings), user=name, cwd="/", capture_output=True, text=True, timeout=60, check=False
    )
    if made.returncode:
        raise PostgresError(made.stderr)
