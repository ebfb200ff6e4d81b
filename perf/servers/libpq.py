"""PostgreSQL's own client library: whoever asks stands still until the answer is in.

This is what psycopg asks through, without what psycopg makes of the answer.
"""

from ctypes import CDLL, c_char_p, c_int, c_void_p
from ctypes.util import find_library

from perf.servers.binaries import binaries

_OK, _TUPLES = 0, 2
"""CONNECTION_OK and PGRES_TUPLES_OK"""


class LibpqError(Exception):
    """It did not connect, or the statement failed."""


class Libpq:
    """One connection."""

    def __init__(self, url: str) -> None:
        self._library = _library()
        self._connection = self._library.PQconnectdb(url.encode())
        if self._library.PQstatus(self._connection) != _OK:
            raise LibpqError(self._complaint())

    def rows(self, statement: bytes, value: str) -> int:
        """How many a statement of one parameter brings."""
        values = (c_char_p * 1)(value.encode())
        found = self._library.PQexecParams(self._connection, statement, 1, None, values, None, None, 0)
        try:
            if self._library.PQresultStatus(found) != _TUPLES:
                raise LibpqError(self._complaint())
            return int(self._library.PQntuples(found))
        finally:
            self._library.PQclear(found)

    def close(self) -> None:
        self._library.PQfinish(self._connection)

    def _complaint(self) -> str:
        return str(self._library.PQerrorMessage(self._connection).decode())


def _library() -> CDLL:
    """Of the installation the servers are of, else the system's."""
    own = binaries().parent / "lib" / "libpq.so.5"
    library = CDLL(str(own) if own.exists() else find_library("pq"))
    library.PQconnectdb.restype = library.PQexecParams.restype = c_void_p
    library.PQexecParams.argtypes = (c_void_p, c_char_p, c_int, c_void_p, c_void_p, c_void_p, c_void_p, c_int)
    library.PQerrorMessage.restype = c_char_p
    for name in ("PQstatus", "PQerrorMessage", "PQresultStatus", "PQntuples", "PQclear", "PQfinish"):
        getattr(library, name).argtypes = (c_void_p,)
    return library
