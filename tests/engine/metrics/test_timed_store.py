from collections.abc import Awaitable, Callable

import pytest

from engine.errors import StoreFullError
from engine.jobs.ports import JobStore
from engine.jobs.query import JobQuery
from engine.metrics.timed_store import SLOW_S, TimedStore, Watch
from tests.engine.metrics.panel import Panel
from tests.engine.metrics.still_store import StillStore

COUNT = "db_query_duration_seconds_count"
CALLS: dict[str, Callable[[JobStore], Awaitable[object]]] = {
    "settle": lambda store: store.settle([]),
    "claim": lambda store: store.claim(1, owner="me", lease_s=1.0),
    "renew": lambda store: store.renew([], lease_s=1.0),
    "give_back": lambda store: store.give_back([], lost=True),
    "put_off": lambda store: store.put_off([], before=0),
    "release": lambda store: store.release("me"),
    "rescue": lambda store: store.rescue(1),
    "promote": lambda store: store.promote(1),
    "tidy": lambda store: store.tidy(1),
    "get": lambda store: store.get("job_1"),
    "result": lambda store: store.result("job_1"),
    "explain": lambda store: store.explain("job_1"),
    "find": lambda store: store.find(JobQuery()),
    "queue": lambda store: store.queue(),
    "backlog": lambda store: store.backlog(None),
    "stats": lambda store: store.stats(0, 1),
    "batch": lambda store: store.batch("batch_1"),
}


@pytest.mark.parametrize("query", CALLS)
async def test_each_call_is_answered_as_before_and_timed_under_its_name(query: str) -> None:
    panel = Panel()
    store: JobStore = TimedStore(store=StillStore(), catalogue=panel.catalogue)
    assert await CALLS[query](store) == await CALLS[query](StillStore())
    assert {labels: count for labels, count in panel.samples(COUNT).items() if count} == {(query,): 1.0}


async def test_a_call_that_fails_is_timed_too() -> None:
    panel = Panel()
    with pytest.raises(StoreFullError):
        await TimedStore(store=StillStore(), catalogue=panel.catalogue).commit([])
    assert panel.shows(COUNT, query="commit") == 1


def test_a_call_over_the_limit_is_counted_as_slow_under_its_name_and_none_below() -> None:
    panel = Panel()
    claim, get = (Watch(name, catalogue=panel.catalogue) for name in ("claim", "get"))
    for took_s in (SLOW_S, 1.5 * SLOW_S, 60.0):
        claim.observe(took_s)
    get.observe(SLOW_S / 2)
    assert panel.samples("slow_queries_total") == {("claim",): 2.0, ("get",): 0.0}
    assert panel.shows(COUNT, query="claim") == 3


async def test_waiting_is_not_timed() -> None:
    panel = Panel()
    store: JobStore = TimedStore(store=StillStore(), catalogue=panel.catalogue)
    await store.wait_for_work(1.0)
    assert await store.wait_until_final("job_1", 1.0) is None
    assert [piece async for piece in store.body("job_1")] == []
    await store.close()
    assert not any(panel.samples(COUNT).values())
