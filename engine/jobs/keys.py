"""Under which names answers are kept: `kind:rest`."""

STATUS = "status"
RESULT = "result"
LIST = "list"
STATS = "stats"


def keys_of(job_id: str) -> tuple[str, ...]:
    """All that tells of this one job."""
    return (f"{STATUS}:{job_id}", f"{RESULT}:{job_id}")
