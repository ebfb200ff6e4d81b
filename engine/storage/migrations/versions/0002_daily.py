"""The daily figures, filled from the jobs that are there.

PostgreSQL rounds where SQLite cuts off, so the day is told to each in its own way.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0002"
down_revision = "0001"

TEXT_BY_BYTES = sa.Text().with_variant(TEXT(collation="C"), "postgresql")
DAY = {"sqlite": "CAST(created_at / 86400 AS INTEGER)", "postgresql": "CAST(trunc(created_at / 86400) AS INTEGER)"}
FILL = """
    INSERT INTO daily (day, scraper_type, created, completed, failed, cancelled, answered, answered_us)
    SELECT {day}, scraper_type, count(*), count(CASE status WHEN 'completed' THEN 1 END),
        count(CASE status WHEN 'failed' THEN 1 END), count(CASE status WHEN 'cancelled' THEN 1 END),
        count(elapsed_s), coalesce(sum(CAST(round(elapsed_s * 1000000) AS BIGINT)), 0)
    FROM jobs LEFT JOIN job_results ON job_id = id GROUP BY 1, 2
"""


def upgrade() -> None:
    op.create_table(
        "daily",
        _counter("day"),
        sa.Column("scraper_type", TEXT_BY_BYTES, nullable=False),
        sa.Column("slot", sa.Integer(), nullable=False, server_default=sa.text("0")),
        *map(_counter, ("created", "completed", "failed", "cancelled", "answered")),
        sa.Column("answered_us", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", "scraper_type", "slot"),
        sqlite_with_rowid=False,
    )
    dialect = op.get_bind().dialect.name
    op.execute(FILL.format(day=DAY[dialect]))
    if dialect == "postgresql":
        op.execute(
            "ALTER TABLE daily SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, "
            "autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0)"
        )


def _counter(name: str) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=False)
