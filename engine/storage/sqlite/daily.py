"""The daily figures: kept, not scanned. All SQL about them, but for the check's."""

import sqlite3

import orjson

from engine.jobs.stats import DAY_S, Stats
from engine.storage.figure_rows import stats_of
from engine.storage.sqlite.many_rows import ManyRows

# The values of a row are those of Tally.days.
DAILY = ManyRows(
    text="""
        INSERT INTO daily (day, scraper_type, created, completed, failed, cancelled, answered, answered_us)
        VALUES {rows}
        ON CONFLICT (day, scraper_type, slot) DO UPDATE SET created = created + excluded.created,
            completed = completed + excluded.completed, failed = failed + excluded.failed,
            cancelled = cancelled + excluded.cancelled, answered = answered + excluded.answered,
            answered_us = answered_us + excluded.answered_us
    """,
    width=8,
)
COHORT = "CAST(created_at / 86400 AS INTEGER), scraper_type"
DAYS = """
    SELECT json_group_array(
        json_array(day, scraper_type, created, completed, failed, cancelled, answered, answered_us))
    FROM daily WHERE day BETWEEN ?1 AND ?2 AND (created <> 0 OR answered <> 0)
"""
RUNNING = """
    SELECT count(*) FROM (SELECT DISTINCT scraper_type FROM daily WHERE day BETWEEN ?1 AND ?2) AS kind
    CROSS JOIN jobs ON jobs.scraper_type = kind.scraper_type AND status = 'running'
        AND created_at >= ?3 AND created_at < ?4
"""
"""Through the index of statuses: as much as runs, and no more."""
STATS = f"SELECT ({DAYS}), ({RUNNING})"


def stats(connection: sqlite3.Connection, first_day: int, last_day: int) -> Stats:
    bounds = (first_day, last_day, first_day * DAY_S, (last_day + 1) * DAY_S)
    ((days, running),) = connection.execute(STATS, bounds).fetchall()
    return stats_of(orjson.loads(days), running)
