"""What a transaction changes of the lanes, where their present rows are the last of their names.

A look for a lane begins at its last version, and never comes by those before: they are dead, but cannot be removed
while somebody's transaction is old. A version is counted up where indexes change anyway; what changes in flight alone
leaves them as they are.
"""

from asyncpg import SerializationError

PRESENT = "(SELECT version FROM lane_states WHERE lane_states.lane = v.lane ORDER BY version DESC LIMIT 1) AS version"
LANES = f"""
    WITH coming AS MATERIALIZED (
        SELECT v.*, {PRESENT}
        FROM unnest($1::text::text[], $2::text::int[], $3::text::int[]) AS v (lane, queued, in_flight)
    ), moved AS MATERIALIZED (
        UPDATE lane_states AS lanes SET queued = lanes.queued + v.queued, in_flight = lanes.in_flight + v.in_flight
        FROM coming AS v WHERE lanes.lane = ANY(ARRAY[v.lane]) AND lanes.version >= v.version
        RETURNING lanes.lane, lanes.queued + lanes.in_flight AS jobs
    )
    SELECT ARRAY(SELECT lane FROM moved WHERE jobs = 0), ARRAY(SELECT lane FROM coming EXCEPT SELECT lane FROM moved)
"""  # noqa: S608 - constants
"""Says which are empty, and which are not there."""
REACHED = """
    SELECT first, greatest($1::float8, coalesce(first - 1, $3::float8)) AS turn FROM (
        SELECT least((
            SELECT turn FROM lane_states
            WHERE queued > 0 AND blocked_until IS NULL AND batch_id IS NULL AND turn >= $2::float8
            ORDER BY turn LIMIT 1
        ), (
            SELECT turn FROM batches WHERE parallel_limit IS NOT NULL AND queued > 0 AND in_flight < parallel_limit
            ORDER BY turn LIMIT 1
        )) AS first) AS next
"""
"""How far claims came: what is known of it, or up to the next turn there is, or where nothing waits the time."""
ENTERED = f"""
    WITH claims AS MATERIALIZED ({REACHED}), coming AS MATERIALIZED (
        SELECT lane, queued, in_flight, batch_id, greatest(ending, (SELECT turn FROM claims)) + place AS turn, head,
            entered, {PRESENT}
        FROM unnest($4::text::text[], $5::text::int[], $6::text::int[], $7::text::int[], $8::text::int[], $9::text[],
                $10::text::float8[], $11::text::float8[])
            AS v (lane, queued, in_flight, place, entered, batch_id, ending, head)
    ), new AS (
        INSERT INTO lane_states (lane, queued, in_flight, batch_id, turn, head, entered)
        SELECT lane, queued, in_flight, batch_id, turn, head, entered FROM coming WHERE version IS NULL
        ON CONFLICT (lane, version) DO NOTHING
        RETURNING lane, queued, queued + in_flight AS jobs, turn, true AS is_new
    ), known AS (
        UPDATE lane_states AS lanes SET version = lanes.version + 1, queued = lanes.queued + v.queued,
            in_flight = lanes.in_flight + v.in_flight, entered = lanes.entered + v.entered,
            turn = CASE WHEN lanes.queued > 0 OR v.entered = 0 THEN lanes.turn
                WHEN lanes.turn > (SELECT turn FROM claims) THEN least(lanes.turn, v.turn) ELSE v.turn END,
            head = CASE WHEN v.entered = 0 THEN lanes.head
                WHEN lanes.head IS NOT NULL AND v.head IS NOT NULL THEN least(lanes.head, v.head) END
        FROM coming AS v WHERE lanes.lane = ANY(ARRAY[v.lane]) AND lanes.version >= v.version
            AND (SELECT count(*) FROM new) = (SELECT count(*) FROM coming WHERE version IS NULL)
        RETURNING lanes.lane, lanes.queued, lanes.queued + lanes.in_flight AS jobs, lanes.turn, false AS is_new
    ), moved AS MATERIALIZED (
        SELECT * FROM new UNION ALL SELECT * FROM known
    ), last AS MATERIALIZED (
        SELECT split_part(lane, ' ', 2) AS batch_id, max(turn) AS turn FROM moved WHERE queued > 0 GROUP BY 1
    )
    SELECT first, turn, ARRAY(SELECT batch_id FROM last), ARRAY(SELECT last.turn::text FROM last),
        ARRAY(SELECT lane FROM moved WHERE jobs = 0), ARRAY(SELECT lane FROM moved WHERE is_new),
        ARRAY(SELECT lane FROM coming EXCEPT SELECT lane FROM moved)
    FROM claims
"""  # noqa: S608 - constants
"""For lanes to which jobs come among others. One where some wait keeps its turn; an empty one, too, if claims did not
come so far yet. Says the first turn, how far claims came and where the last lane of each batch stands, which lanes are
empty, which are new, and which somebody else made or removed meanwhile.

New ones come first, and where somebody else made one of them no other changes: who waits for a lane to be made holds
none that was there before, and who waits for one of those waits for nobody who makes some.
"""
TWICE = """
    SELECT EXISTS (SELECT 1 FROM unnest($1::text[]) AS v (lane)
        JOIN lane_states AS lanes ON lanes.lane = ANY(ARRAY[v.lane]) AND lanes.version > 0)
"""
"""Whether of lanes that are new somebody else's are there: made and moved on since this transaction looked for them."""
EMPTY_LANES = "DELETE FROM lane_states WHERE lane = ANY($1::text[]) AND queued = 0 AND in_flight = 0"


class OvertakenError(SerializationError):
    """A job was made before, or a lane made, moved on or removed meanwhile: to be done again from the beginning."""

    def __init__(self) -> None:
        super().__init__("somebody else made a job, or made or removed a lane")
