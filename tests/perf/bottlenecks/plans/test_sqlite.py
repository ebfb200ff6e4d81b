import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from engine.storage.migrate import migrate
from perf.bottlenecks.plans import sqlite

QUERIES = ("claim", "settle", "promote", "rescue", "get", "result", "find", "queue", "counts", "stats")
WITHOUT = {"jobs_claim": "claim", "jobs_due": "promote"}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "jobs.db"
    migrate(f"sqlite:///{path}")
    return path


def test_no_statement_of_the_stores_goes_through_a_table(file: Path) -> None:
    plans = sqlite.plans(file, QUERIES)
    assert {plan.query for plan in plans} == set(QUERIES)
    assert [(plan.statement, plan.scans) for plan in plans if plan.scans] == []
    assert all(plan.steps and plan.took_s is not None for plan in plans)


@pytest.mark.parametrize("index", WITHOUT)
def test_one_whose_index_is_gone_does_and_its_table_is_named(file: Path, index: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(f"DROP INDEX {index}")
    plans = sqlite.plans(file, QUERIES)
    assert {(plan.query, plan.scans) for plan in plans if plan.scans} == {(WITHOUT[index], ("jobs",))}


def test_only_what_is_asked_for_is_looked_at(file: Path) -> None:
    assert {plan.query for plan in sqlite.plans(file, ["get"])} == {"get"}
