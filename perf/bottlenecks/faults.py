"""Faults to be planted in a daemon: each replaces one thing of it, or of its database, before it begins.

They are here alone (perf/bottlenecks/daemon.py switches them on); the product has no such switches.
"""

import os
import sqlite3
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack, closing
from pathlib import Path
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

from actors.fetcher import Fetcher
from engine.fetch.extraction import extract
from engine.jobs.bottleneck import Bottleneck
from engine.jobs.holding import Holding
from engine.jobs.outcome import Extraction, Page
from engine.jobs.request import Options
from engine.runtime import Mailbox
from engine.storage.migrate import migrate
from engine.storage.sqlite.connection import open_writer

BLOCKED_S = 0.05
"""Each fetch."""
COMMIT_S = 0.5
TIMES = 10
"""Each page's extraction is made."""
OVER = 100_000
"""Jobs that are over, and stand in a table without the index by which jobs are claimed."""
FILE = "sqlite:///"
FILLED = """
    WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ?)
    INSERT INTO jobs (id, status, scraper_type, url, host, method, priority, lane, rank, created_at, updated_at,
        completed_at, fence, attempts, losses, ran_s)
    SELECT 'job_over' || n, 'completed', 'http', 'http://over.test/' || n, 'over.test', 'GET', 0, 'over.test',
        n, n, n, n, 1, 1, 0, 0 FROM numbers
"""

Switch = Callable[[], AbstractContextManager[object]]


class BlockingFetcher(Fetcher):
    """Stands still, and everybody with it."""

    async def _fetch_it(self, holding: Holding) -> None:
        time.sleep(BLOCKED_S)  # noqa: ASYNC251 - the fault
        await super()._fetch_it(holding)


class SlowDisk:
    """A connection whose commits take their time, where there was something to write."""

    def __init__(self, path: Path) -> None:
        self._connection = open_writer(path)
        self._written = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._connection, name)

    def execute(self, text: str, *values: Any) -> sqlite3.Cursor:
        if text == "COMMIT" and self._connection.total_changes > self._written:
            self._written = self._connection.total_changes
            time.sleep(COMMIT_S)
        return self._connection.execute(text, *values)


def _blocking_call() -> AbstractContextManager[object]:
    return patch("actors.system.Fetcher", BlockingFetcher)


def _slow_disk() -> AbstractContextManager[object]:
    return patch("engine.storage.sqlite.opening.open_writer", SlowDisk)


def _lock_step() -> AbstractContextManager[object]:
    """Between fetchers and persister there is place for one."""

    def narrow(name: str, **told: Any) -> Mailbox[Any]:
        return Mailbox(name, **told | ({"capacity": 1} if name == "outcomes" else {}))

    return patch("actors.system.Mailbox", narrow)


def _cpu_extraction() -> AbstractContextManager[object]:
    def again_and_again(page: Page, options: Options) -> Extraction:
        for _ in range(TIMES - 1):
            extract(page, options)
        return extract(page, options)

    return patch("actors.web._extraction", lambda: again_and_again)


def _slow_query() -> AbstractContextManager[object]:
    url = os.environ["DATABASE_URL"]
    migrate(url)
    with closing(sqlite3.connect(url.removeprefix(FILE))) as file:
        file.execute("DROP INDEX jobs_claim")
        file.execute(FILLED, (OVER,))
        file.commit()
    return ExitStack()


SWITCHES: Mapping[str, Switch] = MappingProxyType(
    {
        Bottleneck.SLOW_QUERY: _slow_query,
        Bottleneck.BLOCKING_CALL: _blocking_call,
        Bottleneck.LOCK_STEP: _lock_step,
        Bottleneck.SLOW_DISK: _slow_disk,
        Bottleneck.CPU_EXTRACTION: _cpu_extraction,
    }
)
"""What is planted otherwise, by what the daemon is told or by its jobs, has none."""
