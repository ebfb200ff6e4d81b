import asyncio
from random import Random
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest

from engine.errors import StoreBusyError, StoreError
from engine.storage.postgres.pool import Pool
from tests.conftest import eventually
from tests.engine.storage.postgres.watching import OTHERS, RUNNING, a_pool, asked, comes_to


async def held_until(pool: Pool, end: asyncio.Event, held: list[int]) -> None:
    async with pool.connection() as connection:
        held.append(await connection.fetchval("SELECT pg_backend_pid()"))
        await end.wait()


async def backend(pool: Pool) -> int:
    async with pool.connection() as connection:
        return int(await connection.fetchval("SELECT pg_backend_pid()"))


async def test_a_burst_uses_the_overflow_and_closes_it_after(url: str) -> None:
    async with a_pool(url, size=2, overflow=3) as place, asyncio.TaskGroup() as group:
        end, held = asyncio.Event(), list[int]()
        for _ in range(5):
            group.create_task(held_until(place.pool, end, held))
        await eventually(lambda: len(held) == 5)
        assert len(set(held)) == 5
        assert await asked(url, OTHERS) == 5
        end.set()
        await eventually(lambda: place.pool.idle == 5)
        place.clock.ahead_s += 6
        await comes_to(url, 2, OTHERS)
        assert place.watch.open_now == 2


async def test_nobody_slips_past_who_waits(url: str) -> None:
    served: list[int] = []

    async def one(number: int) -> None:
        async with place.pool.connection():
            served.append(number)
            await asyncio.sleep(0)

    async with a_pool(url) as place, asyncio.TaskGroup() as group:
        async with place.pool.connection():
            for number in range(50):
                group.create_task(one(number))
                await asyncio.sleep(0)
        await one(50)  # was in nobody's hand for no moment
        assert served == list(range(51))
        assert len(place.watch.waits_s) == 51
        assert all(waited_s > 0 for waited_s in place.watch.waits_s)


async def test_who_waits_too_long_is_told_to_come_back_and_counted(url: str) -> None:
    async with a_pool(url, timeout_s=0.05) as place:
        async with place.pool.connection():
            with pytest.raises(StoreBusyError):
                await backend(place.pool)
        assert place.watch.counts["timed_out"] == 1
        assert not place.watch.waits_s
        assert await backend(place.pool)


@pytest.mark.parametrize("seed", range(4))
async def test_ten_thousand_who_take_cancel_and_give_back_leave_no_gap(url: str, seed: int) -> None:
    random = Random(seed)
    inside = most = 0

    async def visit(turns: int) -> None:
        nonlocal inside, most
        async with place.pool.connection():
            inside += 1
            most = max(most, inside)
            try:
                for _ in range(turns):
                    await asyncio.sleep(0)
            finally:
                inside -= 1

    async with a_pool(url, size=3, overflow=2) as place:
        visits: list[asyncio.Task[None]] = []
        for _ in range(10_000):
            visits.append(asyncio.create_task(visit(random.randrange(4))))
            if random.random() < 0.4:
                random.choice(visits[-20:]).cancel()
            if random.random() < 0.3:
                await asyncio.sleep(0)
        await asyncio.wait(visits)
        assert {repr(visit.exception()) for visit in visits if not visit.cancelled()} == {"None"}
        assert (most, inside, place.pool.checked_out) == (5, 0, 0)
        async with asyncio.TaskGroup() as group:  # all places are still there
            end, held = asyncio.Event(), list[int]()
            for _ in range(5):
                group.create_task(held_until(place.pool, end, held))
            await eventually(lambda: len(held) == 5)
            end.set()


async def test_an_old_connection_is_replaced_when_nobody_uses_it(url: str) -> None:
    async with a_pool(url, recycle_s=60.0) as place:
        before = await backend(place.pool)
        place.clock.ahead_s += 50
        assert await backend(place.pool) == before
        async with place.pool.connection() as connection:
            place.clock.ahead_s += 11
            await eventually(lambda: place.pool.checked_out)
            assert await connection.fetchval("SELECT pg_backend_pid()") == before
        assert await backend(place.pool) != before
        assert place.watch.counts["failed"] == 0


async def test_a_connection_that_died_while_idle_is_no_error_to_anybody(url: str) -> None:
    async with a_pool(url) as place:
        before = await backend(place.pool)
        assert await asked(url, "SELECT pg_terminate_backend($1)", before)
        place.clock.ahead_s += 2
        assert await backend(place.pool) != before
        assert place.watch.counts["failed"] == 1


@pytest.mark.parametrize("pre_ping", [True, False])
async def test_an_idle_one_is_asked_whether_it_answers_only_if_wanted(url: str, *, pre_ping: bool) -> None:
    async with a_pool(url, pre_ping=pre_ping) as place:
        async with place.pool.connection() as connection:
            await connection.execute("SET search_path = 'here'")
            asked_before = await connection.fetchval("SELECT pg_backend_pid()")
        place.clock.ahead_s += 2
        async with place.pool.connection():
            last = "SELECT query FROM pg_stat_activity WHERE pid = $1"
            expected = "SELECT 1" if pre_ping else "SELECT pg_backend_pid()"
            assert await asked(url, last, asked_before) == expected


async def test_who_holds_one_too_long_is_named_once_and_then_loses_it_to_the_next(url: str) -> None:
    async with a_pool(url, leak_s=60.0, seize_s=300.0) as place, asyncio.TaskGroup() as group:
        end, held = asyncio.Event(), list[int]()
        keeper = group.create_task(held_until(place.pool, end, held))
        await eventually(lambda: held)
        place.clock.ahead_s += 61
        await eventually(lambda: place.watch.leaks)
        next_one = group.create_task(backend(place.pool))
        place.clock.ahead_s += 200
        looks = place.clock.looks
        await eventually(lambda: place.clock.looks > looks + 3)
        (leak,) = place.watch.leaks
        assert "in held_until" in leak.stack
        assert leak.held_s > 60
        assert not next_one.done()
        place.clock.ahead_s += 100
        assert await next_one != held[0]
        end.set()
        await keeper
        assert place.pool.checked_out == 0
        assert len(place.watch.leaks) == 1
        assert await backend(place.pool) == next_one.result()


async def test_of_who_kept_one_both_is_told_where_it_was_taken_and_where_its_task_stands(url: str) -> None:
    async def take() -> None:
        await loan.__aenter__()  # and goes on without giving back

    async def takes_and_waits() -> None:
        await take()
        await end.wait()

    async with a_pool(url, leak_s=60.0) as place, asyncio.TaskGroup() as group:
        end, loan = asyncio.Event(), place.pool.connection()
        group.create_task(takes_and_waits(), name="keeper")
        await eventually(lambda: place.pool.checked_out)
        place.clock.ahead_s += 61
        await eventually(lambda: place.watch.leaks)
        name, *now, taken = place.watch.leaks[0].stack.splitlines()
        assert name == "keeper"
        assert ".takes_and_waits:" in now[0]
        assert taken.endswith(".take")
        end.set()
        await loan.__aexit__(None, None, None)


async def test_a_cancelled_statement_is_cancelled_on_the_server_and_its_connection_used_again(url: str) -> None:
    async def sleep() -> None:
        async with place.pool.connection() as connection:
            await connection.execute("SELECT pg_sleep(30)")

    async with a_pool(url) as place:
        before = await backend(place.pool)
        task = asyncio.create_task(sleep())
        await comes_to(url, 1, RUNNING, "%pg_sleep(30)%")
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asked(url, RUNNING, "%pg_sleep(30)%") == 0
        assert await backend(place.pool) == before


@pytest.mark.parametrize("statement", ["BEGIN; SELECT 1", "BEGIN; SELECT pg_sleep(30)", "BEGIN; SELECT 1 / 0"])
@pytest.mark.parametrize("turns", [1, 2, 3, 200])
async def test_no_transaction_outlives_its_user_wherever_he_was_cancelled(url: str, statement: str, turns: int) -> None:
    async def begin() -> None:
        async with place.pool.connection() as connection:
            await connection.execute(statement)
            await asyncio.sleep(30)

    async with a_pool(url) as place:
        task = asyncio.create_task(begin())
        for _ in range(turns):
            await asyncio.sleep(0.0005)
        task.cancel()
        with pytest.raises((asyncio.CancelledError, asyncpg.DivisionByZeroError)):
            await task
        async with place.pool.connection() as connection:
            assert not connection.is_in_transaction()
        await comes_to(url, 0, "SELECT count(*) FROM pg_stat_activity WHERE state LIKE 'idle in transaction%'")


async def test_who_is_cancelled_again_while_his_connection_is_cleaned_leaves_his_place(url: str) -> None:
    async def sleep() -> None:
        async with place.pool.connection() as connection:
            await connection.execute("SELECT pg_sleep(30)")

    async with a_pool(url, timeout_s=1.0) as place:
        before = await backend(place.pool)
        task = asyncio.create_task(sleep())
        await comes_to(url, 1, RUNNING, "%pg_sleep(30)%")
        for _ in range(2):
            task.cancel()
            await asyncio.sleep(0)
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await backend(place.pool) != before


async def test_a_transaction_left_open_is_rolled_back(url: str) -> None:
    async with a_pool(url) as place:
        async with place.pool.connection() as connection:
            await connection.execute(place.pool.opening)
            await connection.execute("CREATE TABLE forgotten ()")
        assert await asked(url, "SELECT to_regclass('forgotten')") is None


async def test_what_holds_for_every_session(url: str) -> None:
    settings = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"]
    limits = {"statement_s": 7.0, "lock_s": 6.0, "idle_in_transaction_s": 8.0}
    async with a_pool(url, **limits) as place, place.pool.connection() as connection:
        shown = {name: await connection.fetchval(f"SHOW {name}") for name in [*settings, "jit", "timezone"]}
        assert shown == dict(zip(settings, ("7s", "6s", "8s"), strict=True)) | {"jit": "off", "timezone": "UTC"}
        assert await connection.fetchval("SHOW synchronous_commit") == "on"
        assert await connection.fetchval("SHOW application_name") == "cfscraper"


async def test_two_pools_have_nothing_to_do_with_each_other(url: str) -> None:
    async with a_pool(url) as one, a_pool(url) as other:
        async with one.pool.connection():
            assert await backend(other.pool)
        assert one.pool.size == other.pool.size == 1


async def test_a_closed_pool_serves_nobody_and_leaves_nobody_waiting(url: str) -> None:
    async with a_pool(url) as place, asyncio.TaskGroup() as group:
        end, held = asyncio.Event(), list[int]()
        keeper = group.create_task(held_until(place.pool, end, held))
        await eventually(lambda: held)
        waiter = group.create_task(_told(place.pool))
        await asyncio.sleep(0)
        await place.pool.close()
        assert "closed" in await waiter
        assert "closed" in await _told(place.pool)
        end.set()
        await keeper
        await comes_to(url, 0, OTHERS)


@pytest.mark.parametrize(
    ("change", "told"),
    [({"netloc": "me:s3cret@127.0.0.1:1"}, "cannot be reached"), ({"path": "/no"}, "does not exist")],
)
async def test_a_server_that_is_not_there_is_an_error_without_its_password(
    url: str, change: dict[str, str], told: str
) -> None:
    with pytest.raises(StoreError, match=told) as refused:
        async with a_pool(urlunsplit(urlsplit(url)._replace(**change))):
            pass
    said = f"{refused.value!r} {refused.value.__cause__!r}"
    assert "of-a-server" not in said
    assert "s3cret" not in said


async def _told(pool: Pool) -> str:
    with pytest.raises(StoreError) as refused:
        await backend(pool)
    return str(refused.value)
