"""The first schema: jobs and their results, lanes, batches, counts, keys of submits.

On PostgreSQL text is compared by its bytes, as SQLite does; bodies, compressed already, are not compressed again; and
rows that change all the time leave room beside them and are vacuumed early.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0001"
down_revision = None

NO = sa.text("0")
TEXT_BY_BYTES = sa.Text().with_variant(TEXT(collation="C"), "postgresql")
INDEXES = {
    "jobs_claim": ("jobs", ["lane", "rank"], "status = 'queued' AND due_at IS NULL"),
    "jobs_due": ("jobs", ["due_at", "updated_at"], "due_at IS NOT NULL"),
    "jobs_lease": ("jobs", ["lease_until"], "status = 'running'"),
    "jobs_suspects": ("jobs", ["losses"], "losses > 1 AND completed_at IS NULL"),
    "jobs_status": ("jobs", ["scraper_type", "status", "created_at"], None),
    "jobs_batch": ("jobs", ["batch_id", "created_at"], "batch_id IS NOT NULL"),
    "jobs_host": ("jobs", ["host", "created_at"], None),
    "lanes_turn": ("lanes", ["turn"], "queued > 0 AND blocked_until IS NULL AND batch_id IS NULL"),
    "lanes_batch": ("lanes", ["batch_id", "turn"], "queued > 0 AND blocked_until IS NULL AND batch_id IS NOT NULL"),
    "lanes_blocked": ("lanes", ["blocked_until"], "blocked_until IS NOT NULL"),
    "batches_turn": ("batches", ["turn"], "parallel_limit IS NOT NULL AND queued > 0 AND in_flight < parallel_limit"),
    "idempotency_keys_expiry": ("idempotency_keys", ["expires_at"], None),
}
COMPRESSED_ALREADY = {"job_results": "body", "body_chunks": "data"}
HOT = ("lanes", "counts", "batches")


def upgrade() -> None:
    _create_jobs()
    _create_results()
    _create_bodies()
    _create_lanes()
    _create_batches()
    _create_keys()
    for name, (table, columns, condition) in INDEXES.items():
        where = condition and sa.text(condition)
        op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)
    if op.get_bind().dialect.name == "postgresql":
        _suit_postgres()


def _create_jobs() -> None:
    op.create_table(
        "jobs",
        _text("id"),
        _text("status"),
        _text("scraper_type"),
        _text("url"),
        _text("host"),
        _text("method"),
        _text("request", nullable=True),
        _integer("priority"),
        _text("tags", nullable=True),
        _text("batch_id", nullable=True),
        _text("lane"),
        _double("rank"),
        _double("created_at"),
        _double("updated_at"),
        _double("started_at", nullable=True),
        _double("completed_at", nullable=True),
        _double("due_at", nullable=True),
        _integer("fence"),
        _text("owner", nullable=True),
        _double("lease_until", nullable=True),
        _integer("attempts"),
        _integer("losses"),
        _double("ran_s"),
        _text("error_type", nullable=True),
        _text("error_message", nullable=True),
        _text("stages", nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    _create_keyed("job_tags", _text("tag"), _double("created_at"), _text("job_id"))


def _create_results() -> None:
    op.create_table(
        "job_results",
        _text("job_id"),
        _integer("fence"),
        _integer("status_code"),
        _text("final_url"),
        _text("headers"),
        _text("content_type"),
        _text("charset", nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=True),
        _integer("size"),
        _integer("chunks", nullable=True),
        _text("sha256", nullable=True),
        _double("elapsed_s"),
        _text("extraction", nullable=True),
        _of_a_job(),
        sa.PrimaryKeyConstraint("job_id"),
    )


def _create_bodies() -> None:
    op.create_table(
        "body_chunks",
        _text("job_id"),
        _integer("fence"),
        _integer("seq"),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        _of_a_job(),
        sa.PrimaryKeyConstraint("job_id", "fence", "seq"),
    )
    _create_keyed("open_bodies", _text("job_id"), _integer("fence"), beside=[_of_a_job()])


def _create_lanes() -> None:
    op.create_table(
        "lanes",
        _text("lane"),
        _integer("queued"),
        _integer("in_flight"),
        _double("blocked_until", nullable=True),
        _double("turn"),
        _text("batch_id", nullable=True),
        _double("head", nullable=True),
        _integer("entered", server_default=NO),
        sa.PrimaryKeyConstraint("lane"),
    )


def _create_batches() -> None:
    op.create_table(
        "batches",
        _text("id"),
        _integer("total"),
        _double("created_at"),
        _integer("parallel_limit", nullable=True),
        _integer("stop_on_error", server_default=NO),
        _integer("queued", server_default=NO),
        _integer("in_flight", server_default=NO),
        _double("turn", server_default=NO),
        sa.PrimaryKeyConstraint("id"),
    )
    of_a_row = [_text("batch_id"), _text("status"), _integer("slot", server_default=NO)]
    _create_keyed("counts", *of_a_row, beside=[_integer("n")])


def _create_keys() -> None:
    op.create_table(
        "idempotency_keys",
        _text("key"),
        _text("digest"),
        _text("answer"),
        _double("expires_at"),
        sa.PrimaryKeyConstraint("key"),
    )


def _suit_postgres() -> None:
    for table, column in COMPRESSED_ALREADY.items():
        op.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET STORAGE EXTERNAL")
    op.execute("ALTER TABLE jobs SET (autovacuum_vacuum_scale_factor = 0.02, autovacuum_analyze_scale_factor = 0.02)")
    for table in HOT:
        op.execute(
            f"ALTER TABLE {table} SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, "
            "autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0)"
        )


def _create_keyed(name: str, *key: sa.Column[object], beside: Sequence[sa.Column[object] | sa.Constraint] = ()) -> None:
    """A table that is found by its key alone."""
    primary = sa.PrimaryKeyConstraint(*(column.name for column in key))
    op.create_table(name, *key, *beside, primary, sqlite_with_rowid=False)


def _of_a_job() -> sa.Constraint:
    return sa.ForeignKeyConstraint(["job_id"], ["jobs.id"], ondelete="CASCADE")


def _text(name: str, *, nullable: bool = False) -> sa.Column[object]:
    return sa.Column(name, TEXT_BY_BYTES, nullable=nullable)


def _integer(name: str, *, nullable: bool = False, server_default: sa.TextClause | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.Integer(), nullable=nullable, server_default=server_default)


def _double(name: str, *, nullable: bool = False, server_default: sa.TextClause | None = None) -> sa.Column[object]:
    return sa.Column(name, sa.Double(), nullable=nullable, server_default=server_default)
