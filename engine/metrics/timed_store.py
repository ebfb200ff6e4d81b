"""The JobStore port with a watch: how long each call took.

Calls that wait by their nature, and bodies that go at a reader's pace, are not timed; nor is what only commands ask
that nobody can ask for metrics.
"""

from functools import partial

from prometheus_async.aio import time as timed

from engine.jobs.ports import JobStore
from engine.metrics.catalogue import Catalogue

SLOW_S = 0.25
"""Longer than any call takes where nothing is wrong: a batch of 256 is settled in 10 to 50 ms (perf.bench.storage).
A bound of the histogram's, so that the two agree."""


class Watch:
    """Times one query, and counts those that were slow."""

    __slots__ = ("_observe", "_slow")

    def __init__(self, query: str, *, catalogue: Catalogue) -> None:
        self._observe = catalogue.db_query_duration.labels(query).observe
        self._slow = catalogue.slow_queries.labels(query)

    def observe(self, seconds: float) -> None:
        self._observe(seconds)
        if seconds > SLOW_S:
            self._slow.inc()


class TimedStore:
    """Stands before any store and changes nothing but the metric. A call that raises is timed too."""

    def __init__(self, *, store: JobStore, catalogue: Catalogue) -> None:
        duration = partial(Watch, catalogue=catalogue)
        self.commit = timed(duration("commit"))(store.commit)
        self.settle = timed(duration("settle"))(store.settle)
        self.claim = timed(duration("claim"))(store.claim)
        self.renew = timed(duration("renew"))(store.renew)
        self.give_back = timed(duration("give_back"))(store.give_back)
        self.put_off = timed(duration("put_off"))(store.put_off)
        self.release = timed(duration("release"))(store.release)
        self.rescue = timed(duration("rescue"))(store.rescue)
        self.promote = timed(duration("promote"))(store.promote)
        self.tidy = timed(duration("tidy"))(store.tidy)
        self.get = timed(duration("get"))(store.get)
        self.result = timed(duration("result"))(store.result)
        self.explain = timed(duration("explain"))(store.explain)
        self.find = timed(duration("find"))(store.find)
        self.queue = timed(duration("queue"))(store.queue)
        self.backlog = timed(duration("backlog"))(store.backlog)
        self.stats = timed(duration("stats"))(store.stats)
        self.batch = timed(duration("batch"))(store.batch)
        self.counts = store.counts
        self.has_due = store.has_due
        self.wait_for_work = store.wait_for_work
        self.wait_until_final = store.wait_until_final
        self.body = store.body
        self.close = store.close
