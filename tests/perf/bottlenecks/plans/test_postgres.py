import asyncio

import asyncpg

from engine.storage.migrate import migrate
from perf.bottlenecks.plans import postgres
from tests.servers.postgres import fresh_database

QUERIES = ("claim", "settle", "promote", "get", "result", "find", "queue", "counts", "stats")


async def test_a_statement_whose_index_is_gone_goes_through_the_table_and_no_other_does() -> None:
    async with fresh_database() as url:
        await asyncio.to_thread(migrate, url)
        before = await postgres.plans(url, QUERIES)
        assert {plan.query for plan in before} == set(QUERIES)
        assert [(plan.statement, plan.scans) for plan in before if plan.scans] == []
        connection = await asyncpg.connect(url, timeout=5)
        await connection.execute("DROP INDEX jobs_claim", timeout=5)
        await connection.close(timeout=5)
        (_, lowest) = await postgres.plans(url, ["claim"])
    assert lowest.scans == ("jobs",)


async def test_the_plans_are_those_of_the_store_which_are_made_for_any_values() -> None:
    async with fresh_database() as url:
        await asyncio.to_thread(migrate, url)
        (job,) = await postgres.plans(url, ["get"])
    assert any("(id = $1)" in step for step in job.steps)
