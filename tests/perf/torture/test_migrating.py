"""Killed migrations: a file of the first release, and one that was not there."""

from pathlib import Path
from random import Random

import pytest

from engine.storage.check import check
from engine.storage.migrate import migrate
from engine.storage.revision import is_current
from perf.torture import migrating
from perf.torture.migrating import JOBS, killed_migrating


async def test_after_the_next_start_all_is_well(tmp_path: Path) -> None:
    told = {"PORT": "0", "LOG_FORMAT": "json"}
    _, findings = await killed_migrating(tmp_path, told, Random(1))
    assert findings == []
    assert is_current(tmp_path / "migrating.db")


async def test_jobs_of_the_first_release_are_counted_after_the_migration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrating, "HEAD", "later")
    path = tmp_path / "migrating.db"
    assert migrating._before(path, migrating.FIRST) == JOBS
    migrate(f"sqlite:///{path}")
    assert await migrating._delayed(path) == JOBS
    assert check(path) == []
