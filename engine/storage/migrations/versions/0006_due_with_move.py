"""Lets an index alone tell when scheduled jobs were put off: a start reads no row for it."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    scheduled = sa.text("due_at IS NOT NULL")
    op.drop_index("jobs_due", "jobs")
    op.create_index(
        "jobs_due",
        "jobs",
        ["due_at", "updated_at"],
        unique=False,
        sqlite_where=scheduled,
        postgresql_where=scheduled,
    )
