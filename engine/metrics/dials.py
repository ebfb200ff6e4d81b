"""Shows what the meter measures. A scrape reads the dials; how deep a mailbox is it measures itself."""

from itertools import zip_longest
from typing import Any

from engine.jobs.backlog import Backlog, Worker
from engine.jobs.query import QueueFigures
from engine.metrics.catalogue import Catalogue
from engine.metrics.headway import Headway
from engine.metrics.vitals import Pulse, Vitals
from engine.runtime import Mailbox


class Dials:
    """The last of each measurement, as metrics and as values."""

    def __init__(self, *, catalogue: Catalogue, pulse: Pulse, headway: Headway) -> None:
        self._catalogue = catalogue
        self._pulse = pulse
        self._headway = headway
        self._width = 0
        self._rss = catalogue.memory_usage.labels("rss")
        self._vms = catalogue.memory_usage.labels("vms")
        self._success_rate = catalogue.scraper_success_rate.labels("http")
        self._vitals: Vitals | None = None
        self._queue: QueueFigures | None = None
        self._backlog: Backlog | None = None
        # Not zero: nobody has looked yet.
        catalogue.backlog.set(float("nan"))

    @property
    def vitals(self) -> Vitals | None:
        """The latest sample; None before the first."""
        return self._vitals

    def worker(self, owner: str) -> Worker | None:
        """How fast this process settles; None where it does not fetch."""
        if not self._width:
            return None
        return Worker(
            owner=owner,
            slots=self._width,
            per_second=self._headway.per_second() or 0.0,
            per_slot=self._headway.per_slot(),
        )

    def per_second(self) -> float | None:
        """Attempts that all processes together settle, or could; None before that was measured."""
        return (self._backlog and self._backlog.per_second) or self._headway.per_second()

    def wait_s(self) -> float | None:
        """What a job that comes now may expect until its end: all that is due or under way, at the measured rate.

        None until both were measured, and while nothing moves.
        """
        per_second = self.per_second()
        if self._queue is None or not per_second:
            return None
        return (self._queue.due + self._queue.running + 1) / per_second

    def show_queue(self, figures: QueueFigures) -> None:
        self._queue = figures
        self._catalogue.job_queue_size.set(figures.due + figures.delayed)
        self._catalogue.active_jobs.set(figures.running)

    def show_backlog(self, backlog: Backlog) -> None:
        self._backlog = backlog
        seconds = backlog.seconds
        self._catalogue.backlog.set(float("nan") if seconds is None else seconds)

    def watch_mailbox(self, mailbox: Mailbox[Any]) -> None:
        """Its depth is that of the moment in which somebody looks."""
        self._catalogue.mailbox_depth.labels(mailbox.name).set_function(lambda: mailbox.depth)

    def show_lag(self, seconds: float) -> None:
        self._catalogue.loop_lag.observe(seconds)

    def show_width(self, width: int) -> None:
        self._width = width
        self._catalogue.fetch_connection_pool_size.set(width)

    def show_process(self) -> None:
        before, now = self._vitals, self._pulse.take()
        self._vitals = now
        self._rss.set(now.rss_bytes)
        self._vms.set(now.vms_bytes)
        part = self._headway.success_part()
        self._success_rate.set(float("nan") if part is None else part)
        self._catalogue.uptime.set(now.uptime_s)
        self._catalogue.system_cpu.set(now.system_cpu_percent)
        self._catalogue.system_memory.set(now.system_memory_percent)
        self._catalogue.system_disk.set(now.system_disk_percent)
        self._count_on(before, now)

    def _count_on(self, before: Vitals | None, now: Vitals) -> None:
        """Counters move on by what came since the sample before; the first since the process began."""
        self._catalogue.process_cpu.inc(max(now.cpu_s - (before.cpu_s if before else 0.0), 0.0))
        earlier = before.collections if before else ()
        for generation, (ran, had_run) in enumerate(zip_longest(now.collections, earlier, fillvalue=0)):
            self._catalogue.gc_collections.labels(generation).inc(ran - had_run)
