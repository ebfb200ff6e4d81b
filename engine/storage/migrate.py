"""Brings a database to the schema of this release.

All steps are one transaction, so whoever is killed midway starts again from where it was.
"""

from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import NullPool, create_engine, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import ConnectionPoolEntry

from engine.errors import StoreError
from engine.storage.address import is_server
from engine.storage.lock import FileLock
from engine.storage.sqlite.faults import translated

AT_CREATION = ("PRAGMA page_size = 8192", "PRAGMA auto_vacuum = INCREMENTAL", "PRAGMA journal_mode = WAL")
"""These are written into a new file's header and change nothing of an old one."""
_ALEMBIC = Lock()
"""What it is at is known to the whole process, to whoever migrates another database in another thread as well."""


def migrate(url: str, *, revision: str = "head") -> None:
    """Raises StoreInUseError while a process has the file open, StoreDamagedError, StoreFullError."""
    with _ALEMBIC:
        _migrate(url, revision)


def _migrate(url: str, revision: str) -> None:
    if is_server(url):
        from engine.storage.postgres.migrate import migrate_server  # noqa: PLC0415 - no driver is loaded for a file

        migrate_server(url, alembic_config(), revision)
        return
    place = make_url(url)
    if place.get_backend_name() != "sqlite" or not place.database:
        raise StoreError("this is no URL of a database: sqlite:///PATH, postgresql://...")
    path = Path(place.database)
    with FileLock(path), translated(path):
        _migrate_file(f"sqlite:///{path}", revision)


def alembic_config() -> Config:
    found = Config()
    found.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    found.set_main_option("path_separator", "os")
    return found


def _migrate_file(url: str, revision: str) -> None:
    database = create_engine(url, poolclass=NullPool)
    event.listen(database, "connect", _on_connect)
    event.listen(database, "begin", _on_begin)
    orders = alembic_config()
    try:
        with database.connect() as connection:
            orders.attributes["connection"] = connection
            command.upgrade(orders, revision)
    except CommandError as error:
        raise StoreError(f"the database cannot be migrated: {error}") from error
    except DBAPIError as wrapped:
        raise wrapped.orig or wrapped from wrapped


def _on_connect(connection: DBAPIConnection, _: ConnectionPoolEntry) -> None:
    connection.isolation_level = None  # else the driver would commit before each table it creates
    cursor = connection.cursor()
    for pragma in AT_CREATION:
        cursor.execute(pragma)
    cursor.close()


def _on_begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
