"""A run of twelve seconds as Locust and the sampler leave it on the disk."""

from collections.abc import Sequence
from pathlib import Path

BEGAN_AT = 1000.25
SECONDS = 12
PARTS = ("50%", "66%", "75%", "80%", "90%", "95%", "98%", "99%", "99.9%", "99.99%", "100%")
HISTORY = (
    *("Timestamp", "User Count", "Type", "Name", "Requests/s", "Failures/s"),
    *PARTS,
    *("Total Request Count", "Total Failure Count"),
)
STATS = ("Type", "Name", "Request Count", "Failure Count", "Max Response Time", "Requests/s", *PARTS)
SERVER = ("at", "pages", "failed", "queue", "active", "rss_bytes", "cpu_s", "lag_s", "lags", "db_pool", "db_used")


def a_run(folder: Path) -> Path:
    """Ten calls a second, one of them refused, from second 1 on; one fails in each second from 6 on."""
    folder.mkdir(parents=True)
    (folder / "began").write_text(str(BEGAN_AT))
    _table(folder / "locust_stats_history.csv", HISTORY, [row for at in range(SECONDS) for row in _second(at)])
    calls = [("POST", "submit", 99, 6), ("POST", "submit (refused)", 11, 0), ("", "Aggregated", 110, 6)]
    _table(folder / "locust_stats.csv", STATS, [(*call, 90.5, 10.0, *range(1, 12)) for call in calls])
    _table(
        folder / "locust_failures.csv",
        ("Method", "Name", "Error", "Occurrences"),
        [("POST", "submit", "CatchResponseError('<500>')", 6)],
    )
    _table(folder / "locust_exceptions.csv", ("Count", "Message", "Traceback", "Nodes"), [])
    _table(folder / "server.csv", (*SERVER, "mailbox commands"), [_sample(at) for at in range(SECONDS)])
    return folder


def _second(at: int) -> list[tuple[object, ...]]:
    parts = ["N/A"] * len(PARTS) if at == 0 else list(range(10, 10 + len(PARTS)))
    failures = max(at - 5, 0)
    head = (int(BEGAN_AT) + at, min(at, 5))
    return [
        (*head, "POST", "submit (refused)", 1, 0, *parts, at, 0),
        (*head, "", "Aggregated", 10, 0, *parts, 10 * at, failures),
    ]


def _sample(at: int) -> tuple[object, ...]:
    """The third could not be had."""
    known = (at * 7, 0, 3, 2, 100 * 1024 * 1024, at * 0.25, at * 0.004, at, 8, 3, 1)
    return (BEGAN_AT + at, *(known if at != 3 else [""] * len(known)))


def _table(path: Path, head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    path.write_text("".join(",".join(map(str, row)) + "\n" for row in [head, *rows]))
