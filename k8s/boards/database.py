"""What the store costs: its connections, its queries."""

from k8s.boards.board import Board, Panel, Row

CONNECTIONS = Row(
    title="Connections, on PostgreSQL",
    panels=(
        Panel(
            title="In use, of those there may be",
            says="By process; over 80 % for five minutes is an alert. On SQLite there is no pool.",
            asks={"{{instance}}": "cfscraper:database_connections:ratio{$every}"},
            unit="percentunit",
            bad_above=0.8,
        ),
        Panel(
            title="All together",
            says="There may be so many at most: this must stay under the server's max_connections.",
            asks={
                "at most": "sum(db_connection_pool_size{$every})",
                "in use": "sum(db_connection_pool_checked_out{$every})",
            },
        ),
        Panel(
            title="Opened and closed",
            says="A second. Many are a pool that is too small, or a server that hangs up.",
            asks={
                "opened": "sum(rate(db_connections_created_total{$every}[$__rate_interval]))",
                "closed": "sum(rate(db_connections_closed_total{$every}[$__rate_interval]))",
            },
            unit="ops",
        ),
        Panel(
            title="What goes wrong with them",
            says="In five minutes: not opened, or broken; waited for in vain; held for longer than anybody needs one.",
            asks={
                "errors": "sum(increase(db_connection_errors_total{$every}[5m]))",
                "time-outs": "sum(increase(db_connection_timeouts_total{$every}[5m]))",
                "leaks": "sum(increase(db_connection_leaks_total{$every}[5m]))",
            },
            width=12,
        ),
        Panel(
            title="The oldest transaction",
            says="That keeps a snapshot: while it does, claims grow dearer with every row that was claimed.",
            asks={"age": "max(db_oldest_snapshot_seconds{$every})"},
            unit="s",
            width=12,
        ),
    ),
)
QUERIES = Row(
    title="Queries",
    panels=(
        Panel(
            title="A second",
            says="Calls on the store, each a transaction.",
            asks={"{{query}}": "sum by (query) (rate(db_query_duration_seconds_count{$every}[$__rate_interval])) > 0"},
            unit="ops",
        ),
        Panel(
            title="Time of nineteen in twenty",
            says="From the call to its answer, the wait for a connection or for the writer included.",
            asks={
                "{{query}}": "histogram_quantile(0.95, sum by (query, le) "
                "(rate(db_query_duration_seconds_bucket{$every}[$__rate_interval]))) > 0"
            },
            unit="s",
        ),
        Panel(
            title="Whose time it is",
            says="Seconds a second, all processes together.",
            asks={"{{query}}": "sum by (query) (rate(db_query_duration_seconds_sum{$every}[$__rate_interval])) > 0"},
            unit="percentunit",
        ),
    ),
)
BOARD = Board(
    name="database",
    title="CFScraper: database",
    says="What the store costs: its connections, its queries.",
    rows=(CONNECTIONS, QUERIES),
)
