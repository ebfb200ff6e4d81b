"""Finds the suspects, which are acquitted and lined up at a start."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    suspect = sa.text("losses > 1 AND completed_at IS NULL")
    op.create_index("jobs_suspects", "jobs", ["losses"], unique=False, sqlite_where=suspect, postgresql_where=suspect)
