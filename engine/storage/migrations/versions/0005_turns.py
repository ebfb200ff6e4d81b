"""Lanes, and batches, of one turn go by their names: where there are many, none but the first are looked at.

Turns that were given before are times in seconds, and come before all that are given from now on.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

OPEN = sa.text("queued > 0 AND blocked_until IS NULL AND batch_id IS NULL")
WITH_ROOM = sa.text("parallel_limit IS NOT NULL AND queued > 0 AND in_flight < parallel_limit")


def upgrade() -> None:
    op.drop_index("lanes_turn", "lanes")
    op.create_index("lanes_turn", "lanes", ["turn", "lane"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.drop_index("batches_turn", "batches")
    op.create_index("batches_turn", "batches", ["turn", "id"], sqlite_where=WITH_ROOM, postgresql_where=WITH_ROOM)
