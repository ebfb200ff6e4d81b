"""How many processes there are, how many should be, and what says so."""

from k8s.boards.board import Board, Panel, Row

REPLICAS = "sum by (horizontalpodautoscaler) (kube_horizontalpodautoscaler_status_{}_replicas{{$fleet}})"

HOW_MANY = Row(
    title="How many",
    panels=(
        Panel(
            title="Processes",
            says="That answer, by role.",
            asks={"{{job}}": "sum by (job) (up{$every})"},
        ),
        Panel(
            title="Pods, as the autoscaler sees them",
            says="Wanted and there. From kube-state-metrics: empty without it.",
            asks={
                "{{horizontalpodautoscaler}} wanted": REPLICAS.format("desired"),
                "{{horizontalpodautoscaler}} there": REPLICAS.format("current"),
            },
        ),
        Panel(
            title="Fetches that may be under way at once",
            says="The width that the governors have found, all workers together, and the jobs under a lease.",
            asks={
                "room": "sum(fetch_connection_pool_size{$every})",
                "jobs": "max(active_jobs{$every})",
            },
        ),
    ),
)
WORKERS = Row(
    title="What scales the workers",
    panels=(
        Panel(
            title="Backlog",
            says="How long all workers would take for what could be fetched now. One more is called at 60 s; infinite, "
            "drawn as none, is work that nobody does.",
            asks={"backlog": "cfscraper:backlog:seconds{$fleet}"},
            unit="s",
            bad_above=900,
        ),
        Panel(
            title="Jobs",
            says="Of the whole store: what waits, scheduled ones included.",
            asks={"waiting": "cfscraper:queue:jobs{$fleet}"},
            bad_above=1_000_000,
        ),
        Panel(
            title="Attempts settled, by process",
            says="Is the work shared, and does one more bring more?",
            asks={"{{instance}}": "sum by (instance) (rate(scraper_requests_total{$every}[$__rate_interval]))"},
            unit="ops",
        ),
    ),
)
APIS = Row(
    title="What scales the apis",
    panels=(
        Panel(
            title="Requests, by process",
            says="Of clients: neither scrapes nor probes.",
            asks={
                "{{instance}}": "sum by (instance) (rate(http_requests_total"
                '{$every,endpoint!~"/metrics|.*/health.*"}[$__rate_interval]))'
            },
            unit="reqps",
        ),
        Panel(
            title="Cores, by process",
            says="The autoscaler takes 70 % of what is requested for enough.",
            asks={"{{instance}}": "cfscraper:cpu_used:cores{$every}"},
            bad_above=0.45,
        ),
        Panel(
            title="Memory, by process",
            says="Of the limit that the process found.",
            asks={"{{instance}}": "cfscraper:memory_used:ratio{$every}"},
            unit="percentunit",
            bad_above=0.85,
        ),
    ),
)
SHORT = Row(
    title="What is short",
    panels=(
        Panel(
            title="Steps against a shortage of memory",
            says="0 is none; from 2 on submits are refused, from 3 on less is fetched at once.",
            asks={"{{instance}}": "memory_level{$every}"},
        ),
        Panel(
            title="Bytes in flight",
            says="Credits that fetches hold.",
            asks={"{{instance}}": 'memory_usage_bytes{$every,type="credits"}'},
            unit="bytes",
        ),
        Panel(
            title="The machines",
            says="How busy their processors and how full their memory is, whoever it is that uses them.",
            asks={
                "{{instance}} processors": "system_cpu_usage_percent{$every}",
                "{{instance}} memory": "system_memory_usage_percent{$every}",
            },
            unit="percent",
        ),
    ),
)
BOARD = Board(
    name="autoscaling",
    title="CFScraper: autoscaling",
    says="How many processes there are, how many should be, and what says so.",
    rows=(HOW_MANY, WORKERS, APIS, SHORT),
)
