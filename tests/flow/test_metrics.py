"""Every metric that is promised moves when what it tells of happens, in a whole system on real servers.

What cannot be seen: `start_again` of memory_actions_total and its undoing, for the process ends with it; robots and
blocked_address, for nobody finds these yet; poison of job_errors_total, for the process would die of it first.
"""

import asyncio
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import pytest

from tests.conftest import eventually
from tests.flow.daemons import Daemon
from tests.flow.everything import AGAIN, FOR_GOOD, STORY, WITHIN_S, the_scene
from tests.flow.sightings import LOOKS_EVERY_S, Sightings
from tests.promised import PROMISED

READ = ("commit", "settle", "claim", "renew", "give_back", "rescue", "promote", "tidy")
ASKED = ("get", "result", "explain", "find", "queue", "backlog", "stats", "batch")
RUNGS = ("shrink_caches", "stop_admitting", "cut_concurrency", "pause_claiming")
STAGES = (
    *("delay", "queue", "mailbox", "dns", "connect", "tls", "first_byte", "body", "extraction", "persisting", "memory"),
)
MOVED: Mapping[str, Sequence[tuple[str, ...]]] = {
    "jobs_total": [("http", "completed"), ("http", "failed"), ("http", "cancelled")],
    "job_errors_total": [(kind,) for kind in (*AGAIN, *FOR_GOOD)],
    "job_stage_seconds": [(stage,) for stage in STAGES],
    "scraper_requests_total": [("http", "success"), ("http", "error"), ("http", "refused")],
    "db_query_duration_seconds": [(query,) for query in (*READ, *ASKED)],
    "slow_queries_total": [("find",)],
    "redis_operation_duration_seconds": [("get",), ("put",), ("drop",), ("probe",)],
    "cache_hits_total": [("memory", "status"), ("memory", "list"), ("shared", "status"), ("pages", "page")],
    "cache_misses_total": [("memory", "status"), ("memory", "list"), ("shared", "status"), ("pages", "page")],
    "cache_operation_duration_seconds": [("memory", "get"), ("memory", "put"), ("memory", "drop")],
    "cache_size_bytes": [("memory",)],
    "cache_hit_ratio": [("memory",), ("shared",), ("pages",)],
    "fetch_retries_total": [(kind,) for kind in AGAIN],
    "memory_usage_bytes": [("rss",), ("vms",), ("available",), ("limit",), ("credits",), ("allocated",)],
    "gc_collections_total": [("0",), ("1",), ("2",)],
    "memory_actions_total": [(action,) for rung in RUNGS for action in (rung, f"undo_{rung}")] + [("trim",)],
    "bottlenecks_detected_total": [("pool",), ("garbage",)],
    "actor_restarts_total": [("fetcher",)],
    "actor_mailbox_depth": [("commands",), ("leases",), ("outcomes",)],
    "actor_mailbox_wait_seconds": [("commands",), ("leases",), ("outcomes",)],
}
"""Label sets that must move, the labels in the order of their names; of all others it is enough that one does."""
UNBOUNDED = re.compile(r"job_[0-9a-f]{8}|batch_[0-9a-f]{8}|https?:|\d+\.\d+\.\d+\.\d+|localhost|\?")
"""What would let who submits make series: ids, URLs, hosts, addresses."""


async def looking(daemon: Daemon, sightings: Sightings) -> None:
    while True:
        sightings.saw(await daemon.text_of("/metrics"))
        await asyncio.sleep(LOOKS_EVERY_S)


@pytest.mark.timeout(240)
async def test_what_is_promised_moves_and_there_is_nothing_else(tmp_path: Path) -> None:
    sightings = Sightings()
    async with the_scene(tmp_path) as scene, asyncio.TaskGroup() as group:
        looks = group.create_task(looking(scene.daemon, sightings))
        for act in STORY:
            await act(scene)
        await eventually(lambda: scene.daemon.has_told("memory.leaks"), within_s=WITHIN_S)
        sightings.saw(await scene.daemon.text_of("/metrics"))
        looks.cancel()
    assert sightings.names == PROMISED.keys()
    assert {name: labels for name, labels in sightings.labels().items() if labels != PROMISED[name]} == {}
    unmoved = {name: sorted(set(MOVED[name]) - sightings.moved(name)) for name in MOVED}
    assert {name: sets for name, sets in unmoved.items() if sets} == {}
    assert {name for name in PROMISED if not sightings.moved(name)} == set()
    assert [value for value in sightings.label_values() if UNBOUNDED.search(value)] == []
