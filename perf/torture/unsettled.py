"""What has not ended yet in a file that a daemon works in: suspects, which are put off, and all others."""

import sqlite3
from contextlib import closing
from pathlib import Path

from engine.jobs.losses import SUSPECT_AFTER

UNSETTLED = "SELECT count(*) FROM jobs WHERE completed_at IS NULL AND (losses >= ?) = ?"


def unsettled(path: Path, *, suspects: bool) -> int:
    with closing(sqlite3.connect(path)) as connection:
        ((jobs,),) = connection.execute(UNSETTLED, (SUSPECT_AFTER, suspects)).fetchall()
    return int(jobs)
