"""Makes evidence of looks: counters by their gain from the first to the last, gauges by all looks between."""

from collections import deque
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean

from perf.bottlenecks.calls import Calls
from perf.bottlenecks.evidence import NEVER, Evidence, Mailbox, Pool, Threads
from perf.bottlenecks.figures import Figures, Gain, by, total
from perf.bottlenecks.look import Look

ENDPOINTS = ("endpoint_response_time_seconds", "http_request_duration_seconds")
"""The first that there is."""
Times = Mapping[int, tuple[float, float]]
MOST = 10_000
DEPTH = "actor_mailbox_depth"
KEPT = {
    "due": "job_queue_size",
    "active": "active_jobs",
    "level": "memory_level",
    "machine": "system_cpu_usage_percent",
    "db_size": "db_connection_pool_size",
    "db_used": "db_connection_pool_checked_out",
    "redis_size": "redis_connection_pool_size",
    "redis_free": "redis_connection_pool_available",
    "width": "fetch_connection_pool_size",
}


@dataclass(slots=True, kw_only=True)
class Gathering:
    """Keeps the first look and the last, and a few gauges of the latest: however long it lasts, it stays small."""

    first: Look
    last: Look = field(init=False)
    gauges: deque[dict[str, float]] = field(default_factory=lambda: deque(maxlen=MOST))
    depths: deque[dict[str, float]] = field(default_factory=lambda: deque(maxlen=MOST))

    def __post_init__(self) -> None:
        self.add(self.first)

    def add(self, look: Look) -> None:
        self.last = look
        self.gauges.append({name: total(look.figures, metric) for name, metric in KEPT.items()})
        self.depths.append(by(look.figures, DEPTH, "actor"))

    @property
    def lasted_s(self) -> float:
        return self.last.at - self.first.at

    def told(self, *, of_s: float) -> str:
        """How it stands, for who waits."""
        pages = Gain(before=self.first.figures, after=self.last.figures).total("scraper_requests_total")
        due = self.gauges[-1]["due"]
        return f"{self.lasted_s:.0f} of {of_s:.0f} s: {self._part(pages):.0f} pages/s, {due:.0f} jobs wait"

    def evidence(self, *, calls: Calls, is_complete: bool) -> Evidence:
        gain = Gain(before=self.first.figures, after=self.last.figures)
        loop, others = self._threads()
        return Evidence(
            window_s=round(self.lasted_s, 3),
            is_complete=is_complete,
            pages=int(gain.total("scraper_requests_total")),
            due=self._mean("due"),
            active=self._mean("active"),
            width=self.gauges[-1]["width"],
            cpu_part=self._part(gain.total("process_cpu_seconds_total")),
            machine_cpu_part=round(self._mean("machine") / 100, 3),
            stages=gain.timings("job_stage_seconds", "stage"),
            queries=gain.timings("db_query_duration_seconds", "query"),
            slow_queries={name: int(n) for name, n in gain.by("slow_queries_total", "query").items() if n > 0},
            endpoints=gain.timings(_endpoints(self.last.figures), "endpoint"),
            mailboxes=self._mailboxes(gain),
            lag=gain.timing("event_loop_lag_seconds"),
            loop=loop,
            loop_calls=calls.of_loop(),
            others=others,
            others_calls=calls.of_others(),
            garbage=gain.timing("gc_duration_seconds"),
            database=self._database(gain),
            redis=self._redis(),
            redis_calls=gain.timings("redis_operation_duration_seconds", "operation"),
            memory_level_most=max(each["level"] for each in self.gauges),
        )

    def _mean(self, name: str) -> float:
        return round(fmean(each[name] for each in self.gauges), 2)

    def _part(self, seconds: float) -> float:
        return round(seconds / self.lasted_s, 4) if self.lasted_s else 0.0

    def _mailboxes(self, gain: Gain) -> dict[str, Mailbox]:
        waits = gain.timings("actor_mailbox_wait_seconds", "actor")
        depths = {name: [each.get(name, 0.0) for each in self.depths] for name in self.depths[-1]}
        return {
            name: Mailbox(
                depth_mean=round(fmean(found), 2),
                depth_most=max(found),
                wait=waits.get(name, NEVER),
            )
            for name, found in depths.items()
        }

    def _threads(self) -> tuple[Threads, Threads] | tuple[None, None]:
        """The process's first, which is the event loop's, and all others."""
        before, after = self.first.threads, self.last.threads
        if not before or not after:
            return None, None
        main = min(after)
        return self._did(before, after, {main}), self._did(before, after, after.keys() - {main})

    def _did(self, before: Times, after: Times, which: Collection[int]) -> Threads:
        """One that came meanwhile did all of it meanwhile."""
        gained = [(after[each][place] - before.get(each, (0.0, 0.0))[place]) for place in (0, 1) for each in which]
        return Threads(
            cpu_part=self._part(sum(gained[: len(which)])), held_up_part=self._part(sum(gained[len(which) :]))
        )

    def _database(self, gain: Gain) -> Pool:
        used = [each["db_used"] for each in self.gauges]
        size = self.gauges[-1]["db_size"]
        wait = gain.timing("db_connection_wait_seconds")
        return Pool(size=size, used_mean=round(fmean(used), 2), full_part=_full(used, size), wait=wait)

    def _redis(self) -> Pool:
        size = self.gauges[-1]["redis_size"]
        used = [size - each["redis_free"] for each in self.gauges]
        return Pool(size=size, used_mean=round(fmean(used), 2), full_part=_full(used, size))


def _full(used: Sequence[float], size: float) -> float:
    return round(fmean(each >= size for each in used), 3) if size else 0.0


def _endpoints(figures: Figures) -> str:
    return next((name for name in ENDPOINTS if total(figures, f"{name}_count")), ENDPOINTS[-1])
