"""Under which names answers are kept: `kind:rest`."""

STATUS = "status"
RESULT = "result"
LIST = "list"
STATS = "stats"


def keys_of(job_ids: list[str] | tuple[str, ...]) -> list[str]:
    """All that tells of these jobs."""
    return [f"{kind}:{job_id}" for kind in (STATUS, RESULT) for job_id in job_ids]
