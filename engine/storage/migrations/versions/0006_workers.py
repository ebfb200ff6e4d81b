"""How fast each process settles, for those who decide how many there are to be."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0006"
down_revision = "0005"

TEXT_BY_BYTES = sa.Text().with_variant(TEXT(collation="C"), "postgresql")


def upgrade() -> None:
    op.create_table(
        "workers",
        sa.Column("owner", TEXT_BY_BYTES, primary_key=True, nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("slots", sa.Integer(), nullable=False),
        sa.Column("per_second", sa.Double(), nullable=False),
        sa.Column("per_slot", sa.Double()),
    )
