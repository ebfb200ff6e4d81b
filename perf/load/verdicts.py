"""What an answer is worth to a user: as documented, refused for now, or a failure."""

REFUSALS = (429, 503)
REFUSED = " (refused)"
"""Stands behind the name of a call that was told to come again later; it is no failure and no success."""


def is_refused(status: int, retry_after: str | None) -> bool:
    """A refusal says when to come again; one that does not is a failure like any other."""
    return status in REFUSALS and bool(retry_after)


def fault(status: int, *, expected: int, error: object = None) -> str:
    """Empty when all is well. Short, for each is a row in a table: no addresses, no ids."""
    if status == expected:
        return ""
    return f"status {status}" if status else f"no answer: {type(error).__name__}"
