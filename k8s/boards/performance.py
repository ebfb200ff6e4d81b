"""How fast it is, and where the time goes: requests, jobs, fetches, the process."""

from k8s.boards.board import Board, Panel, Row

REQUESTS = Row(
    title="Requests",
    panels=(
        Panel(
            title="Requests",
            says="A second, by route.",
            asks={
                "{{method}} {{endpoint}}": "sum by (method, endpoint) "
                "(rate(http_requests_total{$every}[$__rate_interval]))"
            },
            unit="reqps",
        ),
        Panel(
            title="Time of nineteen in twenty, by route",
            says="Long polls (wait=) and streams take as long as the client likes.",
            asks={
                "{{method}} {{endpoint}}": "histogram_quantile(0.95, sum by (method, endpoint, le) "
                "(rate(http_request_duration_seconds_bucket{$every}[$__rate_interval])))"
            },
            unit="s",
        ),
        Panel(
            title="Answers by status",
            says="503 is a refusal for want of room, 507 a full disk, 500 a fault of ours.",
            asks={
                "{{status_code}}": "sum by (status_code) (rate(http_requests_total{$every}[$__rate_interval]))",
            },
            unit="reqps",
        ),
        Panel(
            title="Time of an answer",
            says="Of what answers at once: its alert begins where 95 % take a second.",
            asks={"95 %": "cfscraper:response_seconds:p95_5m{$fleet}"},
            unit="s",
            bad_above=1,
            width=12,
        ),
        Panel(
            title="Requests that fail",
            says="Answered 5xx, of all of clients.",
            asks={"5xx": "cfscraper:requests_failed:ratio5m{$fleet}"},
            unit="percentunit",
            bad_above=0.01,
            width=12,
        ),
    ),
)
JOBS = Row(
    title="Jobs",
    panels=(
        Panel(
            title="Jobs that ended",
            says="A second, by the state they ended in.",
            asks={"{{status}}": "sum by (status) (rate(jobs_total{$every}[$__rate_interval]))"},
            unit="ops",
        ),
        Panel(
            title="Running time of a job",
            says="Of all its attempts together.",
            asks={
                "half": "histogram_quantile(0.5, sum by (le) "
                "(rate(job_duration_seconds_bucket{$every}[$__rate_interval])))",
                "95 %": "histogram_quantile(0.95, sum by (le) "
                "(rate(job_duration_seconds_bucket{$every}[$__rate_interval])))",
            },
            unit="s",
        ),
        Panel(
            title="Where an attempt's time goes",
            says="Mean of each stage, of the attempts that had it; sampled.",
            asks={
                "{{stage}}": "sum by (stage) (rate(job_stage_seconds_sum{$every}[$__rate_interval])) "
                "/ sum by (stage) (rate(job_stage_seconds_count{$every}[$__rate_interval]))"
            },
            unit="s",
        ),
        Panel(
            title="Errors",
            says="Attempts that ended in one, those tried again included, and jobs that failed without an outcome.",
            asks={"{{error_type}}": "sum by (error_type) (rate(job_errors_total{$every}[$__rate_interval])) > 0"},
            unit="ops",
        ),
        Panel(
            title="Tried again",
            says="By what went wrong.",
            asks={"{{reason}}": "sum by (reason) (rate(fetch_retries_total{$every}[$__rate_interval])) > 0"},
            unit="ops",
        ),
        Panel(
            title="Jobs that fail",
            says="Of those that completed or failed.",
            asks={"failed": "cfscraper:jobs_failed:ratio5m{$fleet}"},
            unit="percentunit",
            bad_above=0.1,
        ),
    ),
)
FETCHES = Row(
    title="Fetches",
    panels=(
        Panel(
            title="Attempts",
            says="Refused is one that came too late: its lease was no longer held.",
            asks={"{{status}}": "sum by (status) (rate(scraper_requests_total{$every}[$__rate_interval]))"},
            unit="ops",
        ),
        Panel(
            title="Attempts that fail",
            says="Over half of them for ten minutes is an alert.",
            asks={"{{scraper_type}}": "cfscraper:attempts_failed:ratio5m{$fleet}"},
            unit="percentunit",
            bad_above=0.5,
        ),
        Panel(
            title="Time of an attempt",
            says="Of the sites, mostly.",
            asks={
                "half": "histogram_quantile(0.5, sum by (le) "
                "(rate(scraper_response_time_seconds_bucket{$every}[$__rate_interval])))",
                "95 %": "histogram_quantile(0.95, sum by (le) "
                "(rate(scraper_response_time_seconds_bucket{$every}[$__rate_interval])))",
            },
            unit="s",
        ),
    ),
)
INSIDE = Row(
    title="Inside",
    panels=(
        Panel(
            title="How late the event loop is",
            says="99 % of the looks; over 0.1 s the process has more to do than it can.",
            asks={
                "{{instance}}": "histogram_quantile(0.99, sum by (instance, le) "
                "(rate(event_loop_lag_seconds_bucket{$every}[$__rate_interval])))"
            },
            unit="s",
        ),
        Panel(
            title="Messages that wait",
            says="In the mailboxes; 1,024 is full, and the stage before takes no more.",
            asks={"{{actor}}": "sum by (actor) (actor_mailbox_depth{$every})"},
        ),
        Panel(
            title="How long they wait",
            says="95 % of them, sampled.",
            asks={
                "{{actor}}": "histogram_quantile(0.95, sum by (actor, le) "
                "(rate(actor_mailbox_wait_seconds_bucket{$every}[$__rate_interval])))"
            },
            unit="s",
        ),
        Panel(
            title="Held up by the garbage collector",
            says="Seconds a second.",
            asks={"{{instance}}": "sum by (instance) (rate(gc_duration_seconds_sum{$every}[$__rate_interval]))"},
            unit="percentunit",
        ),
        Panel(
            title="Memory",
            says="Held by each process.",
            asks={"{{instance}}": 'memory_usage_bytes{$every,type="rss"}'},
            unit="bytes",
        ),
        Panel(
            title="Actors started again",
            says="After a crash, in 15 minutes; over three is an alert.",
            asks={"{{actor}}": "sum by (actor) (increase(actor_restarts_total{$every}[15m]))"},
            bad_above=3,
        ),
    ),
)
BOARD = Board(
    name="performance",
    title="CFScraper: performance",
    says="How fast it is, and where the time goes: requests, jobs, fetches, the process.",
    rows=(REQUESTS, JOBS, FETCHES, INSIDE),
)
