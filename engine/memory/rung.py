"""What is done on one rung of the ladder, by whoever can do it."""

from collections.abc import Callable
from dataclasses import dataclass


def _nothing() -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Rung:
    """Its acts wait for nothing; `leave` undoes what `enter` did, and `hold` is done at each look between them."""

    name: str
    enter: Callable[[], None] = _nothing
    leave: Callable[[], None] = _nothing
    hold: Callable[[], None] = _nothing
