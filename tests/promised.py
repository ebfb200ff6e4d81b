"""Every metric that is promised, and its labels: the one list, written by hand, so that no code can agree with itself.

Left out is what stands for features to come: there is none of it before there is something to tell.
"""

from types import MappingProxyType

from prometheus_client import Metric

SUFFIXES = {"counter": "_total", "info": "_info"}

PROMISED = MappingProxyType(
    {
        "http_requests_total": {"method", "endpoint", "status_code"},
        "http_request_duration_seconds": {"method", "endpoint"},
        "http_requests_per_second": set[str](),
        "jobs_total": {"job_type", "status"},
        "job_duration_seconds": {"job_type"},
        "job_queue_size": set[str](),
        "active_jobs": set[str](),
        "job_errors_total": {"error_type"},
        "backlog_seconds": set[str](),
        "job_stage_seconds": {"stage"},
        "scraper_requests_total": {"scraper_type", "status"},
        "scraper_response_time_seconds": {"scraper_type"},
        "scraper_success_rate": {"scraper_type"},
        "system_cpu_usage_percent": set[str](),
        "system_memory_usage_percent": set[str](),
        "system_disk_usage_percent": set[str](),
        "app_info": {"version", "name"},
        "app_uptime_seconds": set[str](),
        "db_connections_created_total": set[str](),
        "db_connections_closed_total": set[str](),
        "db_connection_errors_total": set[str](),
        "db_connection_timeouts_total": set[str](),
        "db_connection_pool_size": set[str](),
        "db_connection_pool_checked_out": set[str](),
        "db_query_duration_seconds": {"query"},
        "db_connection_leaks_total": set[str](),
        "redis_connections_created_total": set[str](),
        "redis_connections_closed_total": set[str](),
        "redis_connection_errors_total": set[str](),
        "redis_pipeline_operations_total": set[str](),
        "redis_connection_pool_size": set[str](),
        "redis_connection_pool_available": set[str](),
        "redis_operation_duration_seconds": {"operation"},
        "cache_hits_total": {"cache_type", "key_prefix"},
        "cache_misses_total": {"cache_type", "key_prefix"},
        "cache_operation_duration_seconds": {"operation", "cache_type"},
        "cache_size_bytes": {"cache_type"},
        "cache_hit_ratio": {"cache_type"},
        "fetch_retries_total": {"reason"},
        "fetch_connection_pool_size": set[str](),
        "memory_usage_bytes": {"type"},
        "memory_leaks_detected_total": set[str](),
        "gc_collections_total": {"generation"},
        "gc_duration_seconds": set[str](),
        "memory_level": set[str](),
        "memory_actions_total": {"action"},
        "endpoint_response_time_seconds": {"endpoint", "method"},
        "slow_queries_total": {"query"},
        "bottlenecks_detected_total": {"type"},
        "active_profiling_sessions": set[str](),
        "actor_restarts_total": {"actor"},
        "actor_mailbox_depth": {"actor"},
        "actor_mailbox_wait_seconds": {"actor"},
        "event_loop_lag_seconds": set[str](),
        # Beside what was asked for, what those who look after it have needed since.
        "cache_offers_dropped_total": set[str](),
        "db_connection_wait_seconds": set[str](),
        "db_oldest_snapshot_seconds": set[str](),
        "process_cpu_seconds_total": set[str](),
        "process_processors": set[str](),
        "redis_unreadable_values_total": set[str](),
        "redis_up": set[str](),
    }
)


def told_as(family: Metric) -> str:
    """The name by which it is promised."""
    suffix = SUFFIXES.get(family.type, "")
    return family.name + ("" if family.name.endswith(suffix) else suffix)
