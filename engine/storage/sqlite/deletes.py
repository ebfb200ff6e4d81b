"""Deletes jobs with all that is kept of them: pages, pieces and tags."""

from engine.jobs.command import DeleteMany, Reached
from engine.storage.codec import dumps
from engine.storage.reached import reached
from engine.storage.sqlite.cancels import cancel_open
from engine.storage.sqlite.standing import standings
from engine.storage.sqlite.transaction import Transaction

UNTAG = """
    DELETE FROM job_tags WHERE (tag, created_at, job_id) IN (
        SELECT tag.value, jobs.created_at, jobs.id FROM json_each(?) AS gone
        CROSS JOIN jobs ON jobs.id = gone.value CROSS JOIN json_each(jobs.tags) AS tag)
"""
DELETE = "DELETE FROM jobs WHERE id IN (SELECT value FROM json_each(?))"
"""What refers to a job goes with it, by the schema."""


def delete_many(transaction: Transaction, command: DeleteMany) -> Reached:
    if command.force:
        cancel_open(transaction, standings(transaction, command.job_ids).values())
    known = standings(transaction, command.job_ids)
    final = [standing for standing in known.values() if standing.is_final]
    job_ids = [standing.job_id for standing in final]
    if final:
        transaction.run(UNTAG, dumps(job_ids))
        transaction.run(DELETE, dumps(job_ids))
    for standing in final:
        transaction.moved(standing.job_id, standing.lane, standing.place, None, standing.cohort)
    return reached(command.job_ids, known, job_ids)
