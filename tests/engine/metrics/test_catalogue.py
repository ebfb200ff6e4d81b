import gc
from time import monotonic
from typing import NamedTuple

from engine.jobs.backlog import Backlog
from engine.jobs.bottleneck import Bottleneck
from engine.jobs.outcome import ErrorType
from engine.jobs.query import QueueFigures, Settled
from engine.jobs.status import Status
from engine.jobs.verdict import Completed, Failed, Retry, Settlement
from engine.metrics.bottlenecks import BottleneckMetrics
from engine.metrics.connections import ConnectionMetrics
from engine.metrics.garbage import garbage_timed
from engine.metrics.memory import MemoryMetrics
from engine.metrics.redis import RedisMetrics
from engine.metrics.timed_store import SLOW_S, TimedStore, Watch
from engine.runtime import ActorRestarting, Mailbox, MailboxWaited
from tests.engine.jobs.builders import a_failure, a_lease, a_page
from tests.engine.metrics.panel import Panel
from tests.engine.metrics.still_store import StillStore
from tests.promised import PROMISED, told_as


class APool(NamedTuple):
    size: int
    checked_out: int


async def a_second_of_work(panel: Panel) -> None:
    completed = Settlement(lease=a_lease(queue_us=9), outcome=a_page(), verdict=Completed(), span=(2.0, 3.0))
    failure = Failed(error_type=ErrorType.CONNECT, message="no")
    failed = Settlement(lease=a_lease(), outcome=a_failure(), verdict=failure)
    ends = [Settled(accepted=True, status=status) for status in (Status.COMPLETED, Status.FAILED)]
    await panel.instruments.settled([failed, completed], ends[::-1])
    again = Retry(due_at=9.0, error_type=ErrorType.CONNECT, message="no")
    put_off = Settlement(lease=a_lease(), outcome=a_failure(), verdict=again)
    await panel.instruments.settled([put_off], [Settled(accepted=True, status=Status.QUEUED)])
    panel.instruments.show_backlog(Backlog(eligible=1, per_second=1.0))
    panel.instruments.saw(ActorRestarting(name="claimer", delay_s=0.1, restarts=1))
    panel.instruments.saw(MailboxWaited(name="leases", seconds=0.5))
    panel.catalogue.memory_leaks.inc()
    panel.catalogue.process_processors.set(1.5)
    panel.clock.now += 1
    leases: Mailbox[int] = Mailbox("leases", capacity=1)
    await leases.put(1)
    panel.instruments.watch_mailbox(leases)
    panel.instruments.show_lag(0.001)
    panel.instruments.show_queue(QueueFigures(due=1, delayed=1, running=1, running_ids=("job_1",)))
    panel.instruments.show_process()
    panel.instruments.show_width(64)
    panel.traffic.served(method="GET", endpoint="/", status_code=200, seconds=0.1)
    connections = ConnectionMetrics(catalogue=panel.catalogue, tell=lambda _: None)
    connections.watches(APool(size=50, checked_out=3))
    for happened in (connections.opened, connections.closed, connections.failed, connections.timed_out):
        happened()
    connections.waited(0.01)
    connections.leaked("from somewhere")
    caches = panel.caches
    caches.holds("memory", [lambda: 7, lambda: 8])
    for found in (True, False):
        caches.looked("memory", "status:job_1", found=found)
    caches.sampled("get", "memory", abs)(-1)
    caches.refused()
    connections.saw_snapshot(0.5)
    await TimedStore(store=StillStore(), catalogue=panel.catalogue).queue()
    Watch("queue", catalogue=panel.catalogue).observe(2 * SLOW_S)
    BottleneckMetrics(catalogue=panel.catalogue).found([Bottleneck.POOL])
    memory = MemoryMetrics(catalogue=panel.catalogue, actions=["stop_admitting"])
    memory.stands(used_bytes=75, limit_bytes=100, credits_bytes=0, level=2)
    memory.did("stop_admitting", is_undone=False)
    with garbage_timed(catalogue=panel.catalogue, clock=monotonic):
        gc.collect()
    redis = RedisMetrics(catalogue=panel.catalogue)
    for happens in (redis.connected, redis.disconnected, redis.failed, redis.piped, redis.unreadable):
        happens()
    redis.took("get", 0.001)
    redis.stands(is_up=True, connections=10, available=9)
    panel.catalogue.profiling_sessions.set(1)


def values(panel: Panel) -> dict[str, list[float]]:
    return {
        told_as(metric): [sample.value for sample in metric.samples if not sample.name.endswith("_created")]
        for metric in panel.registry.collect()
    }


def test_these_are_the_metrics_and_each_says_what_it_tells() -> None:
    families = list(Panel().registry.collect())
    assert {told_as(family) for family in families} == PROMISED.keys()
    assert all(family.documentation.endswith(".") for family in families)


async def test_a_second_of_work_moves_every_metric() -> None:
    panel = Panel()
    await a_second_of_work(panel)
    moved = {name for name, samples in values(panel).items() if any(samples)}
    # A machine may have been idle between two looks.
    assert moved >= PROMISED.keys() - {"system_cpu_usage_percent"}


def test_the_release_stands_in_the_labels() -> None:
    assert Panel().shows("app_info", version="1.2.3", name="CFScraper API") == 1


def test_pools_are_shown_together_as_they_stand_when_asked() -> None:
    panel = Panel()
    connections = ConnectionMetrics(catalogue=panel.catalogue, tell=lambda _: None)
    pools = [APool(size=50, checked_out=3), APool(size=2, checked_out=1)]
    for pool in pools:
        connections.watches(pool)
    assert (panel.shows("db_connection_pool_size"), panel.shows("db_connection_pool_checked_out")) == (52, 4)
    connections.unwatches(pools[0])
    assert (panel.shows("db_connection_pool_size"), panel.shows("db_connection_pool_checked_out")) == (2, 1)
