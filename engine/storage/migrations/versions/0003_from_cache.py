"""Whether a result's page was one that had been kept."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("job_results", sa.Column("from_cache", sa.Integer(), nullable=False, server_default=sa.text("0")))
