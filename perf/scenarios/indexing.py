"""The store's hot acts with the schema's indexes and without them, in interleaved rounds.

Each round is a transaction that is rolled back, so that all rounds begin with the same rows. Without indexes tables
keep their keys, but for that of the tags, which serves as the index of a list by tag; and the planner may do what it
would: the store's own connections tell it to go by indexes.
"""

from argparse import Namespace
from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from time import perf_counter

import asyncpg

from engine.jobs.query import JobQuery
from engine.jobs.status import Status
from engine.storage.postgres import figures, leases, promotes
from engine.storage.postgres.claims import claim
from engine.storage.postgres.clock import ServerClock
from engine.storage.postgres.front import Front
from engine.storage.postgres.search import find
from engine.storage.postgres.session import OWN
from engine.storage.postgres.transaction import Transaction
from perf.percentile import percentile_ms
from perf.scenarios.crowd import START

LIMIT = 100
"""Jobs that are promoted or rescued at once."""
BATCH, HOST = "crowd_0", "h7.test"
INDEXES = """
    SELECT indexname FROM pg_indexes WHERE schemaname = current_schema()
        AND indexname <> ALL(SELECT conname FROM pg_constraint)
"""
TAGS = "ALTER TABLE job_tags DROP CONSTRAINT job_tags_pkey"

Act = Callable[[asyncpg.Connection], Awaitable[object]]
Times = dict[str, dict[str, list[float]]]
"""In seconds, of each side by the act."""


async def indexing(url: str, args: Namespace) -> dict[str, float]:
    connection = await asyncpg.connect(url)
    try:
        dropped = await _dropped(connection)
        acts = _acts(args.jobs, args.claimed)
        times: Times = {side: {name: [] for name in acts} for side in ("indexed", "bare")}
        for _ in range(args.index_rounds):
            await _round(connection, BY_THE_STORE, acts, times["indexed"], args.repeats)
            await _round(connection, dropped, acts, times["bare"], args.repeats)
    finally:
        await connection.close()
    return _numbers(times)


async def _dropped(connection: asyncpg.Connection) -> str:
    return "; ".join([*(f"DROP INDEX {name}" for (name,) in await connection.fetch(INDEXES)), TAGS])


BY_THE_STORE = "; ".join(f"SET LOCAL {name} = {value}" for name, value in OWN.items())


def _acts(jobs: int, claimed: int) -> Mapping[str, Act]:
    """At a time when half of the delayed jobs are due, or half of the leases have ended."""
    half_due, half_lost = START + 0.975 * jobs, START + 400
    lists = {
        "list_by_status": JobQuery(statuses=(Status.QUEUED,)),
        "list_by_batch": JobQuery(batch_id=BATCH),
        "list_by_host": JobQuery(host=HOST),
        "list_by_tag": JobQuery(tags=(f"of {HOST}",)),
    }
    return {
        "claim": lambda on: claim(_at(on, START), claimed, owner="perf", lease_s=60.0),
        "promote": lambda on: promotes.promote(_at(on, half_due), LIMIT),
        "rescue": lambda on: leases.rescue(_at(on, half_lost), LIMIT, ()),
        **{name: partial(find, query=query) for name, query in lists.items()},
        "batch": partial(figures.batch, batch_id=BATCH),
    }


def _at(connection: asyncpg.Connection, now: float) -> Transaction:
    """By which a claim looks for lanes from the very beginning."""
    return Transaction(connection, ServerClock(monotonic=lambda: now), Front(monotonic=lambda: 0.0))


async def _round(
    connection: asyncpg.Connection, opening: str, acts: Mapping[str, Act], taken: dict[str, list[float]], repeats: int
) -> None:
    """Each act once for nothing: a plan is made for what there is now."""
    transaction = connection.transaction()
    await transaction.start()
    try:
        await connection.execute(opening)
        for name, act in acts.items():
            await _took_s(connection, act)
            taken[name] += [await _took_s(connection, act) for _ in range(repeats)]
    finally:
        await transaction.rollback()


async def _took_s(connection: asyncpg.Connection, act: Act) -> float:
    """What it wrote is taken back. ValueError if it found nothing."""
    transaction = connection.transaction()
    await transaction.start()
    began = perf_counter()
    found = await act(connection)
    took_s = perf_counter() - began
    await transaction.rollback()
    if not found:
        raise ValueError("there was nothing to be found")
    return took_s


def _numbers(times: Times) -> dict[str, float]:
    numbers: dict[str, float] = {}
    for name, indexed in times["indexed"].items():
        bare = times["bare"][name]
        for part in (50, 95):
            with_ms, without_ms = percentile_ms(indexed, part), percentile_ms(bare, part)
            numbers |= {
                f"{name}_indexed_p{part}_ms": with_ms,
                f"{name}_bare_p{part}_ms": without_ms,
                f"{name}_gain_p{part}": round(1 - with_ms / without_ms, 4),
            }
    return numbers
