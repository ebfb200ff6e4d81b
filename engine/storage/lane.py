"""What the text of a lane says of its batch.

A lane of a batch with a parallel limit is marked from the submit on, so that whoever moves its jobs knows without
asking that the batch counts them. Neither hosts nor ids hold a space.
"""

from engine.jobs.job import Job

_MARK = " limited"


def lane_of(job: Job, *, is_limited: bool) -> str:
    return job.lane + _MARK if is_limited else job.lane


def batch_of(lane: str) -> str:
    """Its id; empty if it is no batch's."""
    return lane.removesuffix(_MARK).partition(" ")[2] if " " in lane else ""


def limited_batch_of(lane: str) -> str | None:
    """None if its batch has no limit of its own."""
    return batch_of(lane) if lane.endswith(_MARK) else None
