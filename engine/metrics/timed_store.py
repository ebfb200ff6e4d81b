"""The JobStore port with a watch: how long each call took.

Calls that wait by their nature, and bodies that go at a reader's pace, are not timed.
"""

from prometheus_async.aio import time as timed

from engine.jobs.ports import JobStore
from engine.metrics.catalogue import Catalogue


class TimedStore:
    """Stands before any store and changes nothing but the metric. A call that raises is timed too."""

    def __init__(self, *, store: JobStore, catalogue: Catalogue) -> None:
        duration = catalogue.db_query_duration.labels
        self.commit = timed(duration("commit"))(store.commit)
        self.settle = timed(duration("settle"))(store.settle)
        self.claim = timed(duration("claim"))(store.claim)
        self.renew = timed(duration("renew"))(store.renew)
        self.give_back = timed(duration("give_back"))(store.give_back)
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
        self.counts = timed(duration("counts"))(store.counts)
        self.stats = timed(duration("stats"))(store.stats)
        self.batch = timed(duration("batch"))(store.batch)
        self.has_due = store.has_due
        self.wait_for_work = store.wait_for_work
        self.wait_until_final = store.wait_until_final
        self.body = store.body
        self.close = store.close
