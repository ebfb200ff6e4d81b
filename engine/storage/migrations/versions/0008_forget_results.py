"""On PostgreSQL a result refers to its job without a foreign key, and goes with it by a trigger.

The key looked up and locked the job of each page that is settled, where the settle has just changed and locked it.
The trigger looks once for all jobs of a statement: at what is committed by then, so also at a page whose settle the
statement waited for. An earlier release that is still at work needs no change.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

LOCK = "LOCK TABLE jobs, job_results IN ACCESS EXCLUSIVE MODE"
"""In the order of a settle: a deadlock could end either of both."""
FORGET = """
    CREATE FUNCTION forget_results() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        DELETE FROM job_results WHERE job_id = ANY(ARRAY(SELECT id FROM gone));
        RETURN NULL;
    END $$
"""
"""By the key, whatever the planner thinks of the tables' sizes."""
FORGETS = """
    CREATE TRIGGER forget_results AFTER DELETE ON jobs REFERENCING OLD TABLE AS gone
    FOR EACH STATEMENT EXECUTE FUNCTION forget_results()
"""


def upgrade() -> None:
    """A file keeps the key, which costs it nothing that can be measured."""
    if op.get_bind().dialect.name != "postgresql":
        return
    for text in (LOCK, FORGET, FORGETS):
        op.execute(text)
    for key in sa.inspect(op.get_bind()).get_foreign_keys("job_results"):
        op.drop_constraint(str(key["name"]), "job_results")
