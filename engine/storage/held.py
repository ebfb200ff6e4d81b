"""A job that somebody held, for who takes it back."""

from typing import NamedTuple

from engine.storage.codec import decode_request


class Held(NamedTuple):
    """A running job."""

    job_id: str
    lane: str
    losses: int


def may_repeat(method: str, rest: dict[str, object] | None) -> bool:
    return decode_request(url="", host="", method=method, rest=rest).may_repeat
