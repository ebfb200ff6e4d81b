"""Every metric: its name, its labels and what it tells.

Labels are bounded: routes, actors, states and kinds; never a URL, a host, a job or a client.
"""

from functools import partial

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily

INSTANT_S = (0.000001, 0.0000025, 0.00001, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.01, 0.1, 1.0)
BRIEF_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
REQUEST_S = (0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 60.0)
STAGE_S = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)
FETCH_S = (0.005, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0)

OF_LEVEL = ("cache_type", "key_prefix")


class Catalogue:
    """The metrics of one process, on a registry of its own. Who sets one asks for its children once and keeps them.

    A few are no more than described: who counts requests or pages, or looks into a cache, makes them when somebody
    looks at the metrics, and registers for it.
    """

    def __init__(self, *, registry: CollectorRegistry, version: str, name: str) -> None:
        self._registry = registry
        self.register = registry.register
        self._describe_service()
        self._describe_connections()
        self._describe_redis()
        self._describe_fetches()
        self._describe_caches()
        self._describe_jobs()
        self._describe_kernel()
        self._describe_process()
        Info("app", "Which release this is.", registry=registry).info({"version": version, "name": name})

    def _describe_service(self) -> None:
        self.http_requests = partial(
            CounterMetricFamily,
            "http_requests_total",
            "Requests answered, by route pattern.",
            labels=("method", "endpoint", "status_code"),
        )
        self.http_request_duration = partial(
            HistogramMetricFamily,
            "http_request_duration_seconds",
            "From a request's head to its answer.",
            labels=("method", "endpoint"),
        )
        self.endpoint_response_time = partial(
            HistogramMetricFamily,
            "endpoint_response_time_seconds",
            "The same as http_request_duration_seconds, under the name by which some dashboards know it.",
            labels=("endpoint", "method"),
        )
        self.http_requests_rate = partial(
            GaugeMetricFamily, "http_requests_per_second", "Requests answered a second, over the last minute."
        )
        self.db_query_duration = self._histogram(
            "db_query_duration_seconds", "Time of one call on the store, a transaction.", BRIEF_S, "query"
        )
        self.slow_queries = self._counter(
            "slow_queries_total", "Calls on the store that took longer than any should.", "query"
        )

    def _describe_connections(self) -> None:
        self.db_connections_created = self._counter("db_connections_created_total", "Database connections opened.")
        self.db_connections_closed = self._counter("db_connections_closed_total", "Database connections closed.")
        self.db_connection_errors = self._counter(
            "db_connection_errors_total", "Database connections that could not be opened, or broke."
        )
        self.db_connection_timeouts = self._counter(
            "db_connection_timeouts_total", "Waits for a connection of the pool that took too long."
        )
        self.db_connection_leaks = self._counter(
            "db_connection_leaks_total", "Connections that somebody held for longer than anybody needs one."
        )
        self.db_connection_wait = self._histogram(
            "db_connection_wait_seconds", "Waits for a connection of the pool, of those who had to wait.", BRIEF_S
        )
        self.db_connection_pool_size = self._gauge(
            "db_connection_pool_size", "Connections the pool may have at most, those for a burst included."
        )
        self.db_connection_pool_checked_out = self._gauge(
            "db_connection_pool_checked_out", "Connections of the pool in use."
        )
        self.db_oldest_snapshot = self._gauge(
            "db_oldest_snapshot_seconds",
            "Age of the oldest transaction that keeps a snapshot of the database, of those the server lets us see; "
            "0 where there is no server.",
        )

    def _describe_redis(self) -> None:
        self.redis_connections_created = self._counter(
            "redis_connections_created_total", "Connections to Redis opened."
        )
        self.redis_connections_closed = self._counter("redis_connections_closed_total", "Connections to Redis closed.")
        self.redis_connection_errors = self._counter(
            "redis_connection_errors_total", "Calls for which Redis could not be reached, or did not answer in time."
        )
        self.redis_pipeline_operations = self._counter(
            "redis_pipeline_operations_total", "Pipelines sent: many commands, one round trip."
        )
        self.redis_unreadable_values = self._counter(
            "redis_unreadable_values_total", "Values in Redis that could not be read; each was a miss."
        )
        self.redis_connection_pool_size = self._gauge(
            "redis_connection_pool_size", "Connections there may be at most, in a cluster to each node."
        )
        self.redis_connection_pool_available = self._gauge(
            "redis_connection_pool_available", "Of these, how many are free to be used."
        )
        self.redis_up = self._gauge("redis_up", "1 while Redis is asked, 0 while it is out of order.")
        self.redis_operation_duration = self._histogram(
            "redis_operation_duration_seconds",
            "Time of one call, the wait for a connection included.",
            BRIEF_S,
            "operation",
        )

    def _describe_fetches(self) -> None:
        self.fetch_connection_pool_size = self._gauge(
            "fetch_connection_pool_size", "Fetches that may be under way at once, as it is governed now."
        )
        self.fetch_retries = self._counter(
            "fetch_retries_total", "Attempts after which the job is tried again, by what went wrong.", "reason"
        )

    def _describe_caches(self) -> None:
        self.cache_hits = partial(
            CounterMetricFamily, "cache_hits_total", "Looks that found what they asked.", labels=OF_LEVEL
        )
        self.cache_misses = partial(
            CounterMetricFamily, "cache_misses_total", "Looks that found nothing.", labels=OF_LEVEL
        )
        self.cache_operation_duration = self._histogram(
            "cache_operation_duration_seconds",
            "Time of one operation on a level of the cache; in memory sampled: one of 64.",
            INSTANT_S,
            "operation",
            "cache_type",
        )
        self.cache_size = self._gauge(
            "cache_size_bytes", "What a level holds in this process, keys and overhead included.", "cache_type"
        )
        self.cache_hit_ratio = self._gauge(
            "cache_hit_ratio", "Of all looks since the start, the part that found what they asked.", "cache_type"
        )
        self.cache_offers_dropped = self._counter(
            "cache_offers_dropped_total", "Jobs just over that the cacher had no room for."
        )

    def _describe_jobs(self) -> None:
        self.jobs = self._counter(
            "jobs_total", "Jobs that came to an end, by the state they ended in.", "job_type", "status"
        )
        self.job_duration = partial(
            HistogramMetricFamily,
            "job_duration_seconds",
            "Running time of all attempts of a settled job.",
            labels=("job_type",),
        )
        self.job_stage = self._histogram(
            "job_stage_seconds",
            "What an attempt's stages took, those that it had; sampled: one attempt of each batch that is settled.",
            STAGE_S,
            "stage",
        )
        self.job_errors = self._counter(
            "job_errors_total",
            "Attempts that ended in an error, those tried again included, and jobs that failed without an outcome.",
            "error_type",
        )
        self.scraper_requests = self._counter(
            "scraper_requests_total",
            "Attempts made; status is success, error, or refused: it came too late.",
            "scraper_type",
            "status",
        )
        self.scraper_success_rate = self._gauge(
            "scraper_success_rate",
            "Of the attempts settled in the last minute, the part that succeeded; NaN while there are none.",
            "scraper_type",
        )
        self.scraper_response_time = partial(
            HistogramMetricFamily, "scraper_response_time_seconds", "Time of one attempt.", labels=("scraper_type",)
        )
        self.job_queue_size = self._gauge(
            "job_queue_size", "Jobs of the whole store that wait, scheduled ones included."
        )
        self.active_jobs = self._gauge("active_jobs", "Jobs of the whole store under a lease.")
        self.backlog = self._gauge(
            "backlog_seconds",
            "How long all processes on the store would take for what could be fetched now, at the rate of the last "
            "minute, or at what they could do: every process tells the same. NaN before a rate was measured, +Inf when "
            "nobody works.",
        )

    def _describe_kernel(self) -> None:
        self.actor_restarts = self._counter("actor_restarts_total", "Restarts after a crash.", "actor")
        self.mailbox_depth = self._gauge("actor_mailbox_depth", "Messages that wait in a mailbox.", "actor")
        self.mailbox_wait = self._histogram(
            "actor_mailbox_wait_seconds", "How long a message waited in a mailbox, sampled.", BRIEF_S, "actor"
        )
        self.loop_lag = self._histogram(
            "event_loop_lag_seconds", "How late the event loop comes back to who yields, sampled.", BRIEF_S
        )

    def _describe_process(self) -> None:
        self.bottlenecks = self._counter(
            "bottlenecks_detected_total", "What an analysis under load found to hold throughput back.", "type"
        )
        self.uptime = self._gauge("app_uptime_seconds", "Since the start of this process.")
        self.process_cpu = self._counter("process_cpu_seconds_total", "Processor time of this process.")
        self.process_processors = self._gauge(
            "process_processors",
            "Processors this process may use: those it may run on, or what its groups grant of them.",
        )
        self.memory_usage = self._gauge(
            "memory_usage_bytes",
            "Memory of this process: rss, vms, its limit, what of that is still available, the credits held, and "
            "what is allocated and not freed.",
            "type",
        )
        self.memory_level = self._gauge(
            "memory_level", "How much is done against a shortage of memory: 0 nothing, 5 all that can be."
        )
        self.memory_actions = self._counter(
            "memory_actions_total", "Steps taken against a shortage of memory, and undone.", "action"
        )
        self.memory_leaks = self._counter(
            "memory_leaks_detected_total", "Windows of time in which memory grew with nothing but work and time."
        )
        self.profiling_sessions = self._gauge(
            "active_profiling_sessions", "Looks into this process that are under way: profiles and memory snapshots."
        )
        self.gc_collections = self._counter("gc_collections_total", "Runs of the garbage collector.", "generation")
        self.gc_duration = self._histogram(
            "gc_duration_seconds", "How long a run of the garbage collector held everything up.", BRIEF_S
        )
        self.system_cpu = self._gauge("system_cpu_usage_percent", "Of all processors of the machine, 0 to 100.")
        self.system_memory = self._gauge("system_memory_usage_percent", "Of the machine's memory, 0 to 100.")
        self.system_disk = self._gauge("system_disk_usage_percent", "Of the disk that holds the data, 0 to 100.")

    def _counter(self, name: str, help_text: str, *labels: str) -> Counter:
        return Counter(name, help_text, labels, registry=self._registry)

    def _gauge(self, name: str, help_text: str, *labels: str) -> Gauge:
        return Gauge(name, help_text, labels, registry=self._registry)

    def _histogram(self, name: str, help_text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
        return Histogram(name, help_text, labels, registry=self._registry, buckets=buckets)
