"""Deletes jobs with all that is kept of them: pages, pieces and tags."""

from engine.jobs.command import DeleteMany, Reached
from engine.storage.postgres.cancels import cancel_open
from engine.storage.postgres.standing import standings
from engine.storage.postgres.transaction import Transaction
from engine.storage.reached import reached

UNTAG = """
    DELETE FROM job_tags USING jobs CROSS JOIN LATERAL jsonb_array_elements_text(jobs.tags::jsonb) AS gone (tag)
    WHERE jobs.id = ANY($1::text[]) AND job_tags.tag = gone.tag AND job_tags.created_at = jobs.created_at
        AND job_tags.job_id = jobs.id
"""
DELETE = "DELETE FROM jobs WHERE id = ANY($1::text[])"
"""What refers to a job goes with it, by the schema."""


async def delete_many(transaction: Transaction, command: DeleteMany) -> Reached:
    if command.force:
        await cancel_open(transaction, (await standings(transaction, command.job_ids)).values())
    known = await standings(transaction, command.job_ids)
    final = [standing for standing in known.values() if standing.is_final]
    job_ids = [standing.job_id for standing in final]
    if final:
        await transaction.run(UNTAG, job_ids)
        await transaction.run(DELETE, job_ids)
    for standing in final:
        transaction.moved(standing.job_id, standing.lane, standing.place, None, standing.cohort)
    return reached(command.job_ids, known, job_ids)
