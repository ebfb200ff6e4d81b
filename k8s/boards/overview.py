"""The board to open first: is all well, and if not, which of the others to open."""

from k8s.boards.board import Board, Panel, Row, figure

BOARD = Board(
    name="overview",
    title="CFScraper",
    says="Is all well? Each figure turns red where its alert begins; the boards under Others have the rest.",
    rows=(
        Row(
            title="Now",
            panels=(
                figure(
                    "Alerts",
                    "That fire now. Which: the alerts of Prometheus.",
                    'count(ALERTS{alertstate="firing",alertname=~"CFScraper.*",$fleet}) or vector(0)',
                    bad_above=1,
                ),
                figure("Processes", "That answer.", "sum(up{$every})"),
                figure(
                    "Backlog",
                    "How long all workers would take for what could be fetched now.",
                    "max(cfscraper:backlog:seconds{$fleet})",
                    unit="s",
                    bad_above=900,
                ),
                figure(
                    "Waiting",
                    "Jobs, scheduled ones included.",
                    "sum(cfscraper:queue:jobs{$fleet})",
                    bad_above=1_000_000,
                ),
                figure("Jobs a second", "That ended, however they did.", "sum(cfscraper:jobs:rate5m{$fleet})"),
                figure(
                    "Requests a second",
                    "Of clients: neither scrapes nor probes.",
                    "sum(cfscraper:requests:rate5m{$fleet})",
                    unit="reqps",
                ),
                figure(
                    "Jobs that fail",
                    "Of those that completed or failed in five minutes.",
                    "max(cfscraper:jobs_failed:ratio5m{$fleet})",
                    unit="percentunit",
                    bad_above=0.1,
                ),
                figure(
                    "Attempts that fail",
                    "Those tried again included.",
                    "max(cfscraper:attempts_failed:ratio5m{$fleet})",
                    unit="percentunit",
                    bad_above=0.5,
                ),
                figure(
                    "Requests that fail",
                    "Answered 5xx.",
                    "max(cfscraper:requests_failed:ratio5m{$fleet})",
                    unit="percentunit",
                    bad_above=0.01,
                ),
                figure(
                    "Slow requests",
                    "One in twenty takes longer; without long polls, streams and downloads.",
                    "max(cfscraper:response_seconds:p95_5m{$fleet})",
                    unit="s",
                    bad_above=1,
                ),
                figure(
                    "Memory",
                    "Of its limit, in the process that has least left.",
                    "max(cfscraper:memory_used:ratio{$every})",
                    unit="percentunit",
                    bad_above=0.85,
                ),
                figure(
                    "Disk",
                    "The fullest of those that hold data.",
                    "max(system_disk_usage_percent{$every})",
                    unit="percent",
                    bad_above=85,
                ),
            ),
        ),
        Row(
            title="The last hour",
            panels=(
                Panel(
                    title="Jobs",
                    says="That ended, by the state they ended in.",
                    asks={"{{status}}": "sum by (status) (cfscraper:jobs:rate5m{$fleet})"},
                    unit="ops",
                ),
                Panel(
                    title="What is to do",
                    says="Jobs that wait, scheduled ones included, and jobs under a lease.",
                    asks={
                        "waiting": "sum(cfscraper:queue:jobs{$fleet})",
                        "under way": "max(active_jobs{$every})",
                    },
                ),
                Panel(
                    title="Cores",
                    says="Processor time of each process. One cannot use much more than one.",
                    asks={"{{instance}}": "cfscraper:cpu_used:cores{$every}"},
                    bad_above=0.45,
                ),
            ),
        ),
        Row(
            title="Which release",
            panels=(
                Panel(
                    title="Processes by release",
                    says="Two of them while one is rolled out.",
                    asks={"{{version}}": "count by (version) (app_info{$every})"},
                    width=12,
                ),
                Panel(
                    title="Age",
                    says="Of each process; a saw is one that is started again and again.",
                    asks={"{{instance}}": "app_uptime_seconds{$every}"},
                    unit="s",
                    width=12,
                ),
            ),
        ),
    ),
)
