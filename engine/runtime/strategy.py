"""Who is started again with a crashed child.

The children stand in the order of their start, which is also the order in which they depend on each other.
"""

from collections.abc import Sequence
from enum import StrEnum
from typing import TypeVar

W = TypeVar("W")


class Strategy(StrEnum):
    """The crashed one alone; it and those started after it; or all of them.

    A pool is of many alike: the crashed one alone, and they stop together, so that one grace is enough for all.
    """

    ONE_FOR_ONE = "one_for_one"
    REST_FOR_ONE = "rest_for_one"
    ONE_FOR_ALL = "one_for_all"
    POOL = "pool"

    def affected(self, children: Sequence[W], crashed: W) -> Sequence[W]:
        if self in ALONE:
            return [crashed]
        if self is Strategy.REST_FOR_ONE:
            return children[children.index(crashed) :]
        return children


ALONE = frozenset({Strategy.ONE_FOR_ONE, Strategy.POOL})
