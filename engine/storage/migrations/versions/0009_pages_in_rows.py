"""On PostgreSQL a page of up to 8 KB lies in its row. Over 2 KB it lay in pieces beside it, each a row with a key.

Nothing is moved, and nobody who reads or writes waits: it holds for what is settled from then on, by whatever release.
"""

from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """8160 bytes are the largest row that a page of the server's holds."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER TABLE job_results SET (toast_tuple_target = 8160)")
