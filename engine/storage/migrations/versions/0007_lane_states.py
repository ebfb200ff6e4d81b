"""The rows of the lanes on a server, found by name and version; those that there are move.

An earlier release that is still at work reads and changes them through `lanes`, which they inherit from. What it puts
into `lanes` itself is brought to them: two rows of one lane would each be changed by what it then takes.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0007"
down_revision = "0006"

TEXT_BY_BYTES = sa.Text().with_variant(TEXT(collation="C"), "postgresql")
INDEXES = {
    "lane_states_turn": (["turn", "lane"], "queued > 0 AND blocked_until IS NULL AND batch_id IS NULL"),
    "lane_states_batch": (["batch_id", "turn"], "queued > 0 AND blocked_until IS NULL AND batch_id IS NOT NULL"),
    "lane_states_blocked": (["blocked_until"], "blocked_until IS NOT NULL"),
}
MOVE = """
    WITH gone AS (DELETE FROM ONLY lanes RETURNING *)
    INSERT INTO lane_states (lane, queued, in_flight, blocked_until, turn, batch_id, head, entered)
    SELECT lane, queued, in_flight, blocked_until, turn, batch_id, head, entered FROM gone
"""
BRING = """
    CREATE FUNCTION bring_lane() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        LOOP
            UPDATE lane_states SET queued = queued + NEW.queued, in_flight = in_flight + NEW.in_flight,
                entered = entered + NEW.entered, head = CASE WHEN NEW.entered = 0 THEN head END,
                turn = CASE WHEN queued > 0 OR NEW.queued <= 0 THEN turn ELSE greatest(turn, NEW.turn) END
            WHERE lane = NEW.lane;
            EXIT WHEN FOUND;
            INSERT INTO lane_states (lane, queued, in_flight, blocked_until, turn, batch_id, head, entered)
            VALUES (NEW.lane, NEW.queued, NEW.in_flight, NEW.blocked_until, NEW.turn, NEW.batch_id, NEW.head,
                NEW.entered) ON CONFLICT DO NOTHING;
            EXIT WHEN FOUND;
        END LOOP;
        DELETE FROM lane_states WHERE lane = NEW.lane AND queued = 0 AND in_flight = 0;
        IF (SELECT count(*) FROM lane_states WHERE lane = NEW.lane) > 1 THEN
            RAISE serialization_failure USING MESSAGE = 'a lane was made by somebody else, and moved on';
        END IF;
        RETURN NULL;
    END $$
"""
BRINGS = "CREATE TRIGGER bring_lane BEFORE INSERT ON lanes FOR EACH ROW EXECUTE FUNCTION bring_lane()"
SUIT = (
    "ALTER TABLE lane_states SET (fillfactor = 50, autovacuum_vacuum_scale_factor = 0.0, "
    "autovacuum_vacuum_threshold = 1000, autovacuum_vacuum_cost_delay = 0)"
)


def upgrade() -> None:
    is_server = op.get_bind().dialect.name == "postgresql"
    if is_server:
        op.execute("LOCK TABLE lanes IN SHARE ROW EXCLUSIVE MODE")
    op.create_table(
        "lane_states",
        sa.Column("lane", TEXT_BY_BYTES, nullable=False),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.Column("in_flight", sa.Integer(), nullable=False),
        sa.Column("blocked_until", sa.Double()),
        sa.Column("turn", sa.Double(), nullable=False),
        sa.Column("batch_id", TEXT_BY_BYTES),
        sa.Column("head", sa.Double()),
        sa.Column("entered", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.Column("version", sa.BigInteger(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("lane", "version"),
        postgresql_inherits="lanes",
    )
    if is_server:
        op.execute(SUIT)
        for text in (MOVE, BRING, BRINGS):
            op.execute(text)
    for name, (columns, condition) in INDEXES.items():
        where = sa.text(condition)
        op.create_index(name, "lane_states", columns, sqlite_where=where, postgresql_where=where)
