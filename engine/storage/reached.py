"""What a command over many jobs came to."""

from collections.abc import Iterable, Mapping

from engine.jobs.command import Reached
from engine.jobs.status import Status
from engine.storage.standing import Standing


def reached(asked: Iterable[str], known: Mapping[str, Standing], done: Iterable[str]) -> Reached:
    """In the order asked for."""
    left = dict.fromkeys(asked)
    done = set(done)
    return Reached(
        job_ids=tuple(job_id for job_id in left if job_id in done),
        passed_over={
            job_id: Status(known[job_id].status) if job_id in known else None for job_id in left if job_id not in done
        },
    )
