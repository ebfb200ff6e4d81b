"""Among a million jobs each statement of the store goes through an index, and each index serves a statement.

The server itself tells how it did what it was asked, in the plans that prepared statements get, good for any values.
"""

import asyncio
import importlib
import pkgutil
import re
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import replace
from functools import lru_cache
from random import Random
from typing import Any

import asyncpg
import orjson
import pytest

from engine.jobs.command import Submit
from engine.jobs.once import KEPT_S
from engine.jobs.query import COUNTED_AT_MOST, JobQuery
from engine.jobs.status import Status
from engine.storage import postgres
from engine.storage.hands import Orphan
from engine.storage.migrate import migrate
from engine.storage.postgres import bell, cancels, pool
from engine.storage.postgres.leases import RENEW
from engine.storage.postgres.limits import PoolLimits
from engine.storage.postgres.opening import opened
from engine.storage.postgres.session import connected
from engine.storage.postgres.settles import SETTLE
from engine.storage.postgres.store import PostgresStore
from perf.scenarios.crowd import crowded
from tests.contracts.day import a_day
from tests.contracts.jobs import LEASE_S, claim, done, new_job, submit
from tests.contracts.stores import LIMITS, Hand, HandClock
from tests.servers.postgres import new_database, url_of

TELLS_ITS_PLANS = """
    LOAD 'auto_explain';
    SET auto_explain.log_min_duration = 0;
    SET auto_explain.log_nested_statements = on;
    SET auto_explain.log_analyze = on;
    SET auto_explain.log_timing = off;
    SET auto_explain.log_format = json;
    SET auto_explain.log_level = notice;
    SET plan_cache_mode = force_generic_plan
"""
TABLES = (
    "jobs",
    "job_tags",
    "job_results",
    "body_chunks",
    "lanes",
    "lane_states",
    "counts",
    "daily",
    "batches",
    "idempotency_keys",
)
"""Of open_bodies, those that are on their way, all are looked at: they are what is looked for."""
SCANS = {"check"}
"""Modules whose statements look at everything, and are no part of a store."""
STATEMENT = re.compile(r"\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\s")
LOOKS_AT_ALL_THAT_IS_LEFT = re.compile(r"jobs\.url ILIKE|= start\.tag AND jobs\.")
"""Finds by what no index answers, within the time limit."""
SORTED_AT_MOST = 1_000
LARGE = "large.test"
SKEWED = f"""
    INSERT INTO jobs (id, status, scraper_type, url, host, method, priority, lane, rank, created_at, updated_at, fence,
        attempts, losses, ran_s)
    SELECT 'job_' || lpad(n::text, 12, '0'), 'queued', 'http', 'http://' || host, host, 'GET', 0, host, n, n, n, 0,
        0, 0, 0
    FROM (SELECT n, CASE WHEN n % 2 = 0 THEN '{LARGE}' ELSE 'h' || n / 2 % 100 || '.test' END AS host
        FROM generate_series(1, 50000) AS n) AS made;
    INSERT INTO lane_states (lane, queued, in_flight, turn) SELECT lane, count(*), 0, 0 FROM jobs GROUP BY lane
"""  # noqa: S608 - a constant
"""Half of the jobs are of one host and in its lane, of which plans for any values know nothing."""

Node = dict[str, Any]


@lru_cache
def database(fill: Callable[[str], None]) -> str:
    return url_of(new_database(fill))


@pytest.fixture
def plans(monkeypatch: pytest.MonkeyPatch) -> list[Node]:
    """Of all that the server does from here on for a store that is opened then."""
    told: list[Node] = []

    async def listening(url: str, limits: PoolLimits) -> asyncpg.Connection:
        connection = await connected(url, limits)
        await connection.execute(TELLS_ITS_PLANS)
        connection.add_log_listener(lambda _, message: told.extend(_plan_in(message)))
        return connection

    monkeypatch.setattr(pool, "connected", listening)
    return told


def _skewed(url: str) -> None:
    migrate(url)
    asyncio.run(_filled(url))


async def _filled(url: str) -> None:
    connection = await asyncpg.connect(url)
    try:
        await connection.execute(SKEWED)
        await connection.execute("VACUUM ANALYZE")
    finally:
        await connection.close()


@pytest.fixture(params=[crowded])
async def store(request: pytest.FixtureRequest, hand: Hand) -> AsyncIterator[PostgresStore]:
    url, clock = database(request.param), HandClock(hand)
    async with opened(url, limits=LIMITS, clock=clock, draw=Random(1).random, result_ttl_s=KEPT_S / 2) as found:
        yield found


@pytest.mark.timeout(60)  # most of it makes the crowd
async def test_no_statement_goes_through_the_backlog_and_no_index_is_idle(
    plans: list[Node], store: PostgresStore, hand: Hand
) -> None:
    await a_day(store, hand)
    await _an_evening(store)
    await store.close()
    assert [(offence, plan["Query Text"]) for plan in plans for offence in _offences(plan)] == []
    asked = {plan["Query Text"] for plan in plans}
    assert [text for text in _texts() if not any(text in whole for whole in asked)] == []
    assert await _indexes() - {node.get("Index Name") for plan in plans for node in _nodes(plan["Plan"])} == set()


@pytest.mark.parametrize("store", [migrate], indirect=True)
async def test_no_plan_that_was_made_while_there_were_few_jobs_is_one_for_few(
    plans: list[Node], store: PostgresStore, hand: Hand
) -> None:
    await a_day(store, hand)
    await store.close()
    assert [(offence, plan["Query Text"]) for plan in plans for offence in _offences(plan)] == []


@pytest.mark.parametrize("store", [migrate], indirect=True)
async def test_leases_are_met_by_their_ids_though_none_ran_when_the_rows_were_counted(
    plans: list[Node], store: PostgresStore
) -> None:
    await submit(store, *map(new_job, range(500)))
    async with store._pool.connection() as connection:
        await connection.execute("ANALYZE jobs")
    leases = await claim(store, 200)
    plans.clear()
    await store.renew(leases, lease_s=LEASE_S)
    await store.settle([done(lease) for lease in leases])
    await store.close()
    assert {RENEW, SETTLE} <= {plan["Query Text"] for plan in plans}
    used = {node.get("Index Name") for plan in plans for node in _nodes(plan["Plan"])}
    assert "jobs_pkey" in used
    assert "jobs_lease" not in used


async def test_a_list_is_two_statements(plans: list[Node], store: PostgresStore) -> None:
    await store.get("job_0000")
    plans.clear()
    found = await store.find(JobQuery(limit=100, statuses=(Status.QUEUED, Status.FAILED)))
    await store.close()
    assert len(found.jobs) == 100
    assert len(plans) == 2


@pytest.mark.parametrize("store", [_skewed], indirect=True)
async def test_what_is_asked_of_a_lane_and_a_host_larger_than_all_others_stops_where_its_answer_ends(
    plans: list[Node], store: PostgresStore
) -> None:
    explanation = await store.explain("job_000000050000")
    between = JobQuery(host=LARGE, date_from=1.0, date_to=50000.0, limit=100)
    first = await store.find(between)
    second = await store.find(replace(between, after=(first.jobs[-1].created_at, first.jobs[-1].id)))
    await store.close()
    assert explanation is not None
    assert (explanation.ahead, first.total) == (COUNTED_AT_MOST, COUNTED_AT_MOST)
    assert [job.created_at for job in (*first.jobs, *second.jobs)] == [50000.0 - 2 * n for n in range(200)]
    assert [(offence, plan["Query Text"]) for plan in plans for offence in _offences(plan)] == []


async def _an_evening(store: PostgresStore) -> None:
    """What only a server is asked, and what the day asks only where there are few jobs."""
    await store.recover(Orphan(owner="worker_1", left=None))
    await store.commit([Submit(jobs=(new_job(99, host="post.test", method="POST", batch_id="batch_9"),))])
    await store.give_back([lease for lease in await claim(store) if not lease.request.may_repeat], lost=True)
    async with store._pool.connection() as connection:
        await connection.fetch(cancels.SCHEDULED, 10)
        await connection.fetch(bell.FINAL, ["job_0001"])


def _plan_in(message: asyncpg.PostgresLogMessage) -> Iterator[Node]:
    _, is_plan, plan = str(message).partition("plan:\n")
    if is_plan:
        yield orjson.loads(plan)


def _nodes(node: Node) -> Iterator[Node]:
    yield node
    for below in node.get("Plans", ()):
        yield from _nodes(below)


def _offences(plan: Node) -> list[str]:
    is_free = LOOKS_AT_ALL_THAT_IS_LEFT.search(plan["Query Text"])
    return [] if is_free else [offence for node in _nodes(plan["Plan"]) for offence in _offences_of(node)]


def _offences_of(node: Node) -> Iterator[str]:
    kind, table = node["Node Type"], node.get("Relation Name")
    if kind == "Seq Scan" and table in TABLES:
        yield f"it scans {table}"
    if table and (met := _rows(node) + _thrown_away(node)) > COUNTED_AT_MOST + 1:
        yield f"it meets {met} rows of {table}"
    if kind == "Sort" and (sorted_ := _rows(node["Plans"][0])) > SORTED_AT_MOST:
        yield f"it sorts {sorted_} rows"


def _rows(node: Node) -> float:
    rows: float = node["Actual Rows"] * node["Actual Loops"]
    return rows


def _thrown_away(node: Node) -> float:
    removed: int = sum(rows for name, rows in node.items() if name.startswith("Rows Removed"))
    return removed * float(node["Actual Loops"])


def _texts() -> set[str]:
    """All statements and parts of statements that the package knows, but for what is of no table, and the check's."""
    modules = [
        importlib.import_module(f"{postgres.__name__}.{found.name}")
        for found in pkgutil.iter_modules(postgres.__path__)
        if found.name not in SCANS
    ]
    known = {
        text for module in modules for name, text in vars(module).items() if name.isupper() and isinstance(text, str)
    }
    return {text for text in known if STATEMENT.match(text) and any(table in text for table in TABLES)}


async def _indexes() -> set[str]:
    connection = await asyncpg.connect(database(crowded))
    try:
        rows = await connection.fetch("SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()")
    finally:
        await connection.close()
    return {name for (name,) in rows if not name.endswith(("_pkey", "_pkc"))}
