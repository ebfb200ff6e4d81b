"""Limits of batches: how many of their jobs may run at once, and what a failure does to the rest."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

LANES = {
    "lanes_turn": (["turn"], "queued > 0 AND blocked_until IS NULL AND batch_id IS NULL"),
    "lanes_batch": (["batch_id", "turn"], "queued > 0 AND blocked_until IS NULL AND batch_id IS NOT NULL"),
}
WITH_ROOM = "parallel_limit IS NOT NULL AND queued > 0 AND in_flight < parallel_limit"


def upgrade() -> None:
    op.add_column("batches", sa.Column("parallel_limit", sa.Integer(), nullable=True))
    for name, kind in (("stop_on_error", sa.Integer()), ("queued", sa.Integer()), ("in_flight", sa.Integer())):
        op.add_column("batches", sa.Column(name, kind, nullable=False, server_default=sa.text("0")))
    op.add_column("batches", sa.Column("turn", sa.Double(), nullable=False, server_default=sa.text("0")))
    op.add_column("lanes", sa.Column("batch_id", sa.Text(), nullable=True))
    op.drop_index("lanes_turn", "lanes")
    for name, (columns, condition) in LANES.items():
        _create_index(name, "lanes", columns, condition)
    _create_index("batches_turn", "batches", ["turn"], WITH_ROOM)


def _create_index(name: str, table: str, columns: list[str], condition: str) -> None:
    where = sa.text(condition)
    op.create_index(name, table, columns, unique=False, sqlite_where=where, postgresql_where=where)
