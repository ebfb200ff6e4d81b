"""What a check says of rows that must not be: the same words for both databases."""


def miscounted(batch_id: str, status: str, n: int) -> str:
    return f"{status} jobs of {batch_id or 'the store'}: there are {n:+} beside those counted"


def misqueued(lane: str, queued: int, in_flight: int) -> str:
    return f"lane {lane}: there are {queued:+} queued and {in_flight:+} in flight beside those counted"


def misbatched(batch_id: str, queued: int, in_flight: int) -> str:
    return f"{batch_id}: there are {queued:+} queued and {in_flight:+} in flight beside those counted"


def overrun(batch_id: str, in_flight: int, limit: int) -> str:
    return f"{batch_id}: {in_flight} jobs are in flight, {limit} may be"


def mislaid(lane: str) -> str:
    return f"lane {lane} is not counted under the batch of its jobs"


def misdated(day: str, kind: str, created: int, completed: int, failed: int, cancelled: int) -> str:
    ends = f"{completed:+} completed, {failed:+} failed and {cancelled:+} cancelled"
    return f"{kind} jobs of {day}: there are {created:+} ({ends}) beside those counted"


def empty(lane: str) -> str:
    return f"lane {lane} is empty"


def twice(lane: str) -> str:
    return f"lane {lane} is there more than once"


def dangling(table: str, row: int | str, parent: str) -> str:
    return f"row {row} of {table} refers to nothing in {parent}"


def missing(job_id: str, pieces: int) -> str:
    return f"the body of {job_id} lacks {pieces} pieces"


BEHIND = "the schema is not that of this release: run `cfscraper migrate`"
