from collections.abc import Iterator

import pytest

from perf.servers.libpq import Libpq, LibpqError
from tests.servers.postgres import shared_postgres


@pytest.fixture
def connection() -> Iterator[Libpq]:
    opened = Libpq(shared_postgres())
    yield opened
    opened.close()


def test_the_rows_of_an_answer_are_counted(connection: Libpq) -> None:
    for wanted in (0, 1, 7):
        assert connection.rows(b"SELECT generate_series(1, $1::int)", str(wanted)) == wanted


def test_a_statement_that_fails_is_an_error_and_the_next_one_is_answered(connection: Libpq) -> None:
    with pytest.raises(LibpqError, match="nowhere"):
        connection.rows(b"SELECT $1::text FROM nowhere", "")
    assert connection.rows(b"SELECT $1::text", "") == 1


def test_a_server_that_is_not_there_is_an_error() -> None:
    with pytest.raises(LibpqError, match="refused"):
        Libpq("postgresql://127.0.0.1:1/postgres")
