"""What is answered again without asking anybody: in memory, in Redis, of pages."""

from k8s.boards.board import Board, Panel, Row

LEVELS = Row(
    title="All levels",
    panels=(
        Panel(
            title="Looks that found something",
            says="In five minutes, by level: memory, shared (Redis), pages.",
            asks={"{{cache_type}}": "cfscraper:cache_hits:ratio5m{$fleet}"},
            unit="percentunit",
        ),
        Panel(
            title="Found",
            says="A second, by level and by what it was.",
            asks={
                "{{cache_type}} {{key_prefix}}": "sum by (cache_type, key_prefix) "
                "(rate(cache_hits_total{$every}[$__rate_interval]))"
            },
            unit="ops",
        ),
        Panel(
            title="Not found",
            says="The same.",
            asks={
                "{{cache_type}} {{key_prefix}}": "sum by (cache_type, key_prefix) "
                "(rate(cache_misses_total{$every}[$__rate_interval]))"
            },
            unit="ops",
        ),
        Panel(
            title="Since the start",
            says="Of all looks of a process, the part that found something.",
            asks={"{{instance}} {{cache_type}}": "cache_hit_ratio{$every}"},
            unit="percentunit",
        ),
        Panel(
            title="Held in memory",
            says="By process, keys and overhead included; CACHE_MAX_MEMORY_SIZE at most.",
            asks={"{{instance}} {{cache_type}}": "cache_size_bytes{$every}"},
            unit="bytes",
        ),
        Panel(
            title="Time of an operation",
            says="Nineteen in twenty; in memory sampled.",
            asks={
                "{{cache_type}} {{operation}}": "histogram_quantile(0.95, sum by (cache_type, operation, le) "
                "(rate(cache_operation_duration_seconds_bucket{$every}[$__rate_interval]))) > 0"
            },
            unit="s",
        ),
    ),
)
REDIS = Row(
    title="Redis",
    panels=(
        Panel(
            title="Is it asked?",
            says="1 while it is, 0 while it is out of order or there is none: then what it would answer is a miss.",
            asks={"{{instance}}": "redis_up{$every}"},
        ),
        Panel(
            title="Connections in use, of those there may be",
            says="By process.",
            asks={
                "{{instance}}": "1 - redis_connection_pool_available{$every} "
                "/ (redis_connection_pool_size{$every} > 0)",
            },
            unit="percentunit",
            bad_above=0.7,
        ),
        Panel(
            title="Time of a call",
            says="Nineteen in twenty, the wait for a connection included.",
            asks={
                "{{operation}}": "histogram_quantile(0.95, sum by (operation, le) "
                "(rate(redis_operation_duration_seconds_bucket{$every}[$__rate_interval]))) > 0"
            },
            unit="s",
        ),
        Panel(
            title="Calls and pipelines",
            says="A second; a pipeline is many commands in one round trip.",
            asks={
                "{{operation}}": "sum by (operation) "
                "(rate(redis_operation_duration_seconds_count{$every}[$__rate_interval]))",
                "pipelines": "sum(rate(redis_pipeline_operations_total{$every}[$__rate_interval]))",
            },
            unit="ops",
        ),
        Panel(
            title="Connections opened and closed",
            says="A second.",
            asks={
                "opened": "sum(rate(redis_connections_created_total{$every}[$__rate_interval]))",
                "closed": "sum(rate(redis_connections_closed_total{$every}[$__rate_interval]))",
            },
            unit="ops",
        ),
        Panel(
            title="What goes wrong",
            says="In five minutes: calls that did not reach it, values that could not be read, offers without room.",
            asks={
                "errors": "sum(increase(redis_connection_errors_total{$every}[5m]))",
                "unreadable": "sum(increase(redis_unreadable_values_total{$every}[5m]))",
                "dropped": "sum(increase(cache_offers_dropped_total{$every}[5m]))",
            },
        ),
    ),
)
BOARD = Board(
    name="cache",
    title="CFScraper: cache",
    says="What is answered again without asking anybody: in memory, in Redis, of pages.",
    rows=(LEVELS, REDIS),
)
