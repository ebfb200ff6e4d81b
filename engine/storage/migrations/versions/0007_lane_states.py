"""The rows of the lanes on a server, found by name and version. The table that has them gets a name for that.

An earlier release that is still at work reads and changes them through `lanes`, which they inherit from. What it puts
into `lanes` itself is brought to them: two rows of one lane would each be changed by what it then takes.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import TEXT

revision = "0007"
down_revision = "0006"

TEXT_BY_BYTES = TEXT(collation="C")
INDEXES = {
    "turn": (["turn", "lane"], "queued > 0 AND blocked_until IS NULL AND batch_id IS NULL"),
    "batch": (["batch_id", "turn"], "queued > 0 AND blocked_until IS NULL AND batch_id IS NOT NULL"),
    "blocked": (["blocked_until"], "blocked_until IS NOT NULL"),
}
RENAME = """
    ALTER TABLE lanes RENAME TO lane_states;
    ALTER TABLE lane_states ADD COLUMN version BIGINT NOT NULL DEFAULT 0;
    ALTER TABLE lane_states DROP CONSTRAINT lanes_pkey, ADD PRIMARY KEY (lane, version)
"""
NAMES = """
    DO $$
    DECLARE name text;
    BEGIN
        FOR name IN SELECT conname FROM pg_constraint
            WHERE conrelid = 'lane_states'::regclass AND conname LIKE 'lanes\\_%'
        LOOP
            EXECUTE format('ALTER TABLE lane_states RENAME CONSTRAINT %I TO %I', name,
                replace(name, 'lanes', 'lane_states'));
        END LOOP;
    END $$
"""
"""From PostgreSQL 18 on columns that are not null have some."""
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


def upgrade() -> None:
    """Nothing is copied: who is at work waits while an index is made."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for text in (*RENAME.split(";"), *(f"ALTER INDEX lanes_{name} RENAME TO lane_states_{name}" for name in INDEXES)):
        op.execute(text)
    op.execute(NAMES)
    _create_lanes()
    for text in ("ALTER TABLE lane_states INHERIT lanes", BRING, BRINGS):
        op.execute(text)


def _create_lanes() -> None:
    op.create_table(
        "lanes",
        sa.Column("lane", TEXT_BY_BYTES, nullable=False),
        sa.Column("queued", sa.Integer(), nullable=False),
        sa.Column("in_flight", sa.Integer(), nullable=False),
        sa.Column("blocked_until", sa.Double()),
        sa.Column("turn", sa.Double(), nullable=False),
        sa.Column("batch_id", TEXT_BY_BYTES),
        sa.Column("head", sa.Double()),
        sa.Column("entered", sa.Integer(), nullable=False, server_default=sa.text("0")),
        sa.PrimaryKeyConstraint("lane"),
    )
    for name, (columns, condition) in INDEXES.items():
        op.create_index(f"lanes_{name}", "lanes", columns, postgresql_where=sa.text(condition))
