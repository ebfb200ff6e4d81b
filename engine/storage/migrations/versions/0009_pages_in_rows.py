"""On PostgreSQL a page of up to 8 KB lies in its row. Over 2 KB it lay in pieces beside it, each a row with a key.

The server compressed the row's texts then too: headers and extractions of 2 to 8 KB lie there as they are. Nothing is
moved, and nobody who reads or writes waits: it holds for what is settled from then on, by whatever release.
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"

PATIENCE = sa.text("SELECT set_config('lock_timeout', :told, true)")
WAITS = "2s"
"""A vacuum that runs by itself makes way for who has waited for deadlock_timeout, 1 s unless told. None but another
vacuum or change of the table waits behind."""


def upgrade() -> None:
    """8160 bytes are the largest row that a page of the server's holds."""
    if op.get_bind().dialect.name != "postgresql":
        return
    others = op.get_bind().scalar(sa.text("SELECT current_setting('lock_timeout')"))
    op.get_bind().execute(PATIENCE, {"told": WAITS})
    op.execute("ALTER TABLE job_results SET (toast_tuple_target = 8160)")
    op.get_bind().execute(PATIENCE, {"told": others})
