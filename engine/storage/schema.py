"""The tables and their indexes, as SQLAlchemy metadata: the one schema for both databases.

Every index serves a statement and every column is read or written by one; times are epoch seconds. An index of what a
claim or a settle changes is paid for by each page, so there is one for (scraper_type, status, created_at) and none for
status alone: few types exist, and lists go through them side by side. SQLite's indexes end in the rowid by themselves.
"""

from sqlalchemy import (
    BigInteger,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    text,
)
from sqlalchemy import Text as AnyText
from sqlalchemy.dialects.postgresql import TEXT

metadata = MetaData()
on_servers = MetaData()
"""What a server has beside it."""
Text = AnyText().with_variant(TEXT(collation="C"), "postgresql")  # compared by its bytes, as SQLite does

jobs = Table(
    "jobs",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    Column("status", Text, nullable=False),
    Column("scraper_type", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("host", Text, nullable=False),
    Column("method", Text, nullable=False),
    Column("request", Text),  # JSON of what is not default
    Column("priority", Integer, nullable=False),
    Column("tags", Text),  # JSON
    Column("batch_id", Text),
    Column("lane", Text, nullable=False),
    Column("rank", Double, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("updated_at", Double, nullable=False),
    Column("started_at", Double),
    Column("completed_at", Double),
    Column("due_at", Double),  # set only while scheduled
    Column("fence", Integer, nullable=False),
    Column("owner", Text),
    Column("lease_until", Double),
    Column("attempts", Integer, nullable=False),
    Column("losses", Integer, nullable=False),
    Column("ran_s", Double, nullable=False),
    Column("error_type", Text),
    Column("error_message", Text),
    Column("stages", Text),  # JSON, microseconds: of the last attempt, or of it and of all together
    Column("alone", Integer),  # the fence of its last fetch that began with nothing else in hand
)
_CLAIMABLE = text("status = 'queued' AND due_at IS NULL")
_SCHEDULED = text("due_at IS NOT NULL")
_LEASED = text("status = 'running'")
_SUSPECT = text("losses > 1 AND completed_at IS NULL")
_IN_A_BATCH = text("batch_id IS NOT NULL")
Index("jobs_claim", jobs.c.lane, jobs.c.rank, sqlite_where=_CLAIMABLE, postgresql_where=_CLAIMABLE)
Index("jobs_due", jobs.c.due_at, jobs.c.updated_at, sqlite_where=_SCHEDULED, postgresql_where=_SCHEDULED)
Index("jobs_lease", jobs.c.lease_until, sqlite_where=_LEASED, postgresql_where=_LEASED)
Index("jobs_suspects", jobs.c.losses, sqlite_where=_SUSPECT, postgresql_where=_SUSPECT)
Index("jobs_status", jobs.c.scraper_type, jobs.c.status, jobs.c.created_at)
Index("jobs_batch", jobs.c.batch_id, jobs.c.created_at, sqlite_where=_IN_A_BATCH, postgresql_where=_IN_A_BATCH)
Index("jobs_host", jobs.c.host, jobs.c.created_at)

job_tags = Table(
    "job_tags",
    metadata,
    Column("tag", Text, primary_key=True, nullable=False),
    Column("created_at", Double, primary_key=True, nullable=False),
    Column("job_id", Text, primary_key=True, nullable=False),
    sqlite_with_rowid=False,
)

# A server has no foreign key here, which would look at each page's job once more: there a trigger of `jobs` has its
# results go with it.
job_results = Table(
    "job_results",
    metadata,
    Column("job_id", Text, primary_key=True, nullable=False),
    Column("fence", Integer, nullable=False),
    Column("status_code", Integer, nullable=False),
    Column("final_url", Text, nullable=False),
    Column("headers", Text, nullable=False),  # JSON, pairs
    Column("content_type", Text, nullable=False),
    Column("charset", Text),
    Column("body", LargeBinary),  # a frame (frames.py); null if empty or in chunks
    Column("size", Integer, nullable=False),  # decoded
    Column("chunks", Integer),
    Column("sha256", Text),
    Column("elapsed_s", Double, nullable=False),
    Column("extraction", Text),  # JSON
    Column("from_cache", Integer, nullable=False, server_default=text("0")),
    ForeignKeyConstraint(["job_id"], ["jobs.id"], ondelete="CASCADE").ddl_if(dialect="sqlite"),
)

body_chunks = Table(
    "body_chunks",
    metadata,
    Column("job_id", Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True, nullable=False),
    Column("fence", Integer, primary_key=True, nullable=False),
    Column("seq", Integer, primary_key=True, nullable=False),
    Column("data", LargeBinary, nullable=False),  # a frame (frames.py)
)

# Fences that keep chunks and have not settled: what tidying has to look at.
open_bodies = Table(
    "open_bodies",
    metadata,
    Column("job_id", Text, ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True, nullable=False),
    Column("fence", Integer, primary_key=True, nullable=False),
    sqlite_with_rowid=False,
)

# A row per lane with jobs that are claimable or running. Lanes of batches with a parallel limit have their batch_id and
# stand in an index of their own: however many there are, a claim meets them only through a batch that has room.
# Turns are places in virtual time, see places.py; many lanes may stand at one, and go then by their names.
# PostgreSQL keeps the last two columns: before the head lie entries of the jobs' index that are dead and, while
# somebody's transaction is old, cannot be removed.
lanes = Table(
    "lanes",
    metadata,
    Column("lane", Text, primary_key=True, nullable=False),
    Column("queued", Integer, nullable=False),  # claimable: not the scheduled ones
    Column("in_flight", Integer, nullable=False),
    Column("blocked_until", Double),
    Column("turn", Double, nullable=False),
    Column("batch_id", Text),
    Column("head", Double),  # no claimable job has a lower rank; null if that is not known
    Column("entered", Integer, nullable=False, server_default=text("0")),  # how often jobs came since
)
_OPEN = text("queued > 0 AND blocked_until IS NULL AND batch_id IS NULL")
_OPEN_IN_BATCH = text("queued > 0 AND blocked_until IS NULL AND batch_id IS NOT NULL")
_BLOCKED = text("blocked_until IS NOT NULL")
Index("lanes_turn", lanes.c.turn, lanes.c.lane, sqlite_where=_OPEN, postgresql_where=_OPEN)
Index("lanes_batch", lanes.c.batch_id, lanes.c.turn, sqlite_where=_OPEN_IN_BATCH, postgresql_where=_OPEN_IN_BATCH)
Index("lanes_blocked", lanes.c.blocked_until, sqlite_where=_BLOCKED, postgresql_where=_BLOCKED)

# The rows of the lanes on a server; who reads `lanes` there reads these. A claim moves each of many lanes on, and what
# it leaves behind in an index by name alone would be walked over by all who look for the lane, as long as somebody's
# transaction is old. By name and version the present row is the last one. What is put into `lanes`, a trigger brings.
lane_states = Table(
    "lane_states",
    on_servers,
    Column("lane", Text, primary_key=True, nullable=False),
    Column("queued", Integer, nullable=False),
    Column("in_flight", Integer, nullable=False),
    Column("blocked_until", Double),
    Column("turn", Double, nullable=False),
    Column("batch_id", Text),
    Column("head", Double),
    Column("entered", Integer, nullable=False, server_default=text("0")),
    Column("version", BigInteger, primary_key=True, nullable=False, server_default=text("0")),
    postgresql_inherits="lanes",
)
Index("lane_states_turn", lane_states.c.turn, lane_states.c.lane, postgresql_where=_OPEN)
Index("lane_states_batch", lane_states.c.batch_id, lane_states.c.turn, postgresql_where=_OPEN_IN_BATCH)
Index("lane_states_blocked", lane_states.c.blocked_until, postgresql_where=_BLOCKED)

# Jobs per status, of each batch and (batch_id '') of the store; 'scheduled' are those of the queued with a due time.
# The sum over all slots counts: on PostgreSQL each connection writes one of its own and waits for none.
counts = Table(
    "counts",
    metadata,
    Column("batch_id", Text, primary_key=True, nullable=False),
    Column("status", Text, primary_key=True, nullable=False),
    Column("slot", Integer, primary_key=True, nullable=False, server_default=text("0")),
    Column("n", Integer, nullable=False),
    sqlite_with_rowid=False,
)

# How the jobs stand that were created in one UTC day (days since the epoch), per scraper type; see engine.jobs.stats.
# The slots are those of the counts.
daily = Table(
    "daily",
    metadata,
    Column("day", Integer, primary_key=True, nullable=False),
    Column("scraper_type", Text, primary_key=True, nullable=False),
    Column("slot", Integer, primary_key=True, nullable=False, server_default=text("0")),
    Column("created", Integer, nullable=False),
    Column("completed", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("cancelled", Integer, nullable=False),
    Column("answered", Integer, nullable=False),
    Column("answered_us", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)

# What was answered to a submit with a key of the client's. It refers to no job: jobs may go before it does.
idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("key", Text, primary_key=True, nullable=False),
    Column("digest", Text, nullable=False),
    Column("answer", Text, nullable=False),  # JSON
    Column("expires_at", Double, nullable=False),
)
Index("idempotency_keys_expiry", idempotency_keys.c.expires_at)

# How fast each process settles, as it tells now and then; on a server only, where others want to know.
workers = Table(
    "workers",
    metadata,
    Column("owner", Text, primary_key=True, nullable=False),
    Column("seen_at", Double, nullable=False),
    Column("slots", Integer, nullable=False),
    Column("per_second", Double, nullable=False),
    Column("per_slot", Double),
)

# What its lanes count together is kept of a batch with a parallel limit only; of others it is 0.
batches = Table(
    "batches",
    metadata,
    Column("id", Text, primary_key=True, nullable=False),
    Column("total", Integer, nullable=False),
    Column("created_at", Double, nullable=False),
    Column("parallel_limit", Integer),
    Column("stop_on_error", Integer, nullable=False, server_default=text("0")),
    Column("queued", Integer, nullable=False, server_default=text("0")),
    Column("in_flight", Integer, nullable=False, server_default=text("0")),
    Column("turn", Double, nullable=False, server_default=text("0")),
)
_WITH_ROOM = text("parallel_limit IS NOT NULL AND queued > 0 AND in_flight < parallel_limit")
Index("batches_turn", batches.c.turn, batches.c.id, sqlite_where=_WITH_ROOM, postgresql_where=_WITH_ROOM)
