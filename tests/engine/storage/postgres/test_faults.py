"""What a real server says, in the words of the engine; and what is done again."""

import asyncio
from collections.abc import Awaitable, Callable
from time import monotonic

import asyncpg
import pytest

from engine.errors import EngineError, QueryTooSlowError, RefusedDataError, StoreAwayError, StoreError, StoreFullError
from engine.storage.postgres.faults import CONFLICTS, TRANSIENT, TRANSLATED, is_transient
from engine.storage.postgres.retry import Patience, retried
from tests.engine.storage.postgres.watching import RUNNING, a_pool, asked, comes_to
from tests.virtual_time import run_virtual

RAISES = "DO $$ BEGIN RAISE EXCEPTION 'as asked' USING ERRCODE = '{}'; END $$"


def said(state: str, message: str = "as said") -> asyncpg.PostgresError:
    return asyncpg.PostgresError.new({"C": state, "M": message})


@pytest.mark.parametrize(
    ("statement", "values", "error"),
    [
        ("SELECT 1 / $1::int", (0,), RefusedDataError),
        ("SELECT $1::int", (2**40,), RefusedDataError),
        ("SELECT $1::int", ("text",), RefusedDataError),
        ("SELECT $1::text", ("\ud800",), RefusedDataError),
        ("SELECT $1::text", ("\x00",), RefusedDataError),
        ("INSERT INTO things VALUES ($1)", (None,), RefusedDataError),
        ("INSERT INTO things SELECT 1 FROM generate_series(1, $1)", (2,), RefusedDataError),
        ("SELECT pg_sleep($1)", (30,), QueryTooSlowError),
        ("SELECT nothing FROM nowhere", (), StoreError),
        (RAISES.format("53100"), (), StoreFullError),
        (RAISES.format("40001"), (), StoreAwayError),
    ],
)
async def test_an_error_of_the_server_is_one_of_ours(
    url: str, statement: str, values: tuple[object, ...], error: type[EngineError]
) -> None:
    await asked(url, "CREATE TABLE things (id int PRIMARY KEY)")
    async with a_pool(url, statement_s=0.2) as place:
        with pytest.raises(EngineError) as raised, TRANSLATED:
            async with place.pool.connection() as connection:
                await connection.fetch(statement, *values)
        assert type(raised.value) is error
        async with place.pool.connection() as connection:
            assert await connection.fetchval("SELECT 1") == 1


async def test_a_statement_that_somebody_else_cancelled_was_not_too_slow(url: str) -> None:
    async with a_pool(url) as place:
        statement = "SELECT pg_cancel_backend(pg_backend_pid()), pg_sleep(5)"
        with pytest.raises(EngineError) as raised, TRANSLATED:
            async with place.pool.connection() as connection:
                await connection.execute(statement)
    assert type(raised.value) is StoreError


async def test_the_cancellation_of_the_user_stays_one(url: str) -> None:
    async def sleep() -> None:
        with TRANSLATED:
            async with place.pool.connection() as connection:
                await connection.execute("SELECT pg_sleep(30)")

    async with a_pool(url) as place:
        task = asyncio.create_task(sleep())
        await comes_to(url, 1, RUNNING, "%pg_sleep(30)%")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task


@pytest.mark.parametrize("state", [*sorted(TRANSIENT), "08000", "08006", "08P01"])
def test_what_passes_is_known_from_the_driver_and_through_our_own_words(state: str) -> None:
    assert is_transient(said(state))
    with pytest.raises(StoreError) as ours, TRANSLATED:
        raise said(state)
    assert is_transient(ours.value)


@pytest.mark.parametrize("state", ["23505", "22P02", "42P01", "57014", "28P01", "53100"])
def test_what_does_not_pass_is_not_done_again(state: str) -> None:
    assert not is_transient(said(state))


class Attempts:
    """Fails as often as it is told, and remembers when it was tried."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.at: list[float] = []

    async def __call__(self) -> str:
        self.at.append(asyncio.get_running_loop().time())
        if self.failures:
            raise self.failures.pop(0)
        return "done"


def tried(act: Callable[[], Awaitable[str]], **patience: float) -> str:
    async def patient() -> str:
        time = asyncio.get_running_loop().time
        return await retried(act, draw=lambda: 1.0, clock=time, patience=Patience(**patience))  # type: ignore[arg-type]

    return run_virtual(patient())


def test_a_transient_error_is_tried_again_after_pauses_that_double_up_to_a_bound() -> None:
    attempts = Attempts(*[said("40001")] * 4)
    assert tried(attempts, first_s=0.5, longest_s=1.0) == "done"
    assert attempts.at == [0.0, 0.5, 1.5, 2.5, 3.5]


def test_it_gives_up_after_so_many_tries_or_when_the_next_would_be_late() -> None:
    often, long = Attempts(*[said("57P01")] * 9), Attempts(*[OSError("gone")] * 9)
    with pytest.raises(StoreError):
        tried(often, tries=3)
    with pytest.raises(StoreError):
        tried(long, first_s=1.0, longest_s=1.0, within_s=2.5)
    assert (len(often.at), len(long.at)) == (3, 3)


@pytest.mark.parametrize("state", sorted(CONFLICTS))
def test_whom_others_come_before_gives_up_for_want_of_time_alone(state: str) -> None:
    late, last = Attempts(*[said(state)] * 8, said("57P01")), Attempts(*[said(state)] * 99)
    assert tried(late, tries=2, first_s=1.0, longest_s=1.0, within_s=9.0) == "done"
    with pytest.raises(StoreError):
        tried(last, tries=2, first_s=1.0, longest_s=1.0, within_s=9.0)
    assert (len(late.at), len(last.at)) == (10, 10)


def test_what_is_no_transient_error_is_raised_at_once_in_our_words() -> None:
    attempts = Attempts(said("23505"))
    with pytest.raises(RefusedDataError):
        tried(attempts)
    assert len(attempts.at) == 1


async def test_of_two_in_a_deadlock_both_come_through(url: str) -> None:
    await asked(url, "CREATE TABLE sides AS SELECT side, 0 AS n FROM generate_series(1, 2) AS side")
    together = asyncio.Barrier(2)
    tries: list[int] = []

    async def add(first: int, second: int) -> None:
        async with place.pool.connection() as connection, connection.transaction():
            tries.append(first)
            await connection.execute("SET LOCAL deadlock_timeout = '50ms'")
            await connection.execute("UPDATE sides SET n = n + 1 WHERE side = $1", first)
            if len(tries) <= 2:
                await together.wait()
            await connection.execute("UPDATE sides SET n = n + 1 WHERE side = $1", second)

    async with a_pool(url, size=2) as place, asyncio.TaskGroup() as group:
        for sides in ((1, 2), (2, 1)):
            group.create_task(retried(lambda sides=sides: add(*sides), draw=lambda: 0.5, clock=monotonic))
    assert len(tries) == 3
    await comes_to(url, 4, "SELECT sum(n)::int FROM sides")
