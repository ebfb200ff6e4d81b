"""The daemon without what keeps its memory small: `python -m perf.soak.without credits+gc serve`.

What is named is switched off in this process, before the daemon begins; the product has no such switches.
"""

import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, ExitStack
from dataclasses import replace
from types import MappingProxyType
from typing import Any
from unittest.mock import patch

UNBOUNDED_BYTES = 2**40
NOTHING = "nothing"

Switch = Callable[[], AbstractContextManager[object]]


def _credits() -> AbstractContextManager[object]:
    """Fetches may hold whatever they like; requests and caches what they always may."""
    from engine.memory.budget import Budget, budget_of  # noqa: PLC0415 - nothing is loaded before streaming is off

    def without(**told: Any) -> Budget:
        return replace(budget_of(**told), fetches_bytes=UNBOUNDED_BYTES)

    return patch("actors.watching.budget_of", without)


def _streaming() -> AbstractContextManager[object]:
    """A body is kept in one piece, however large. Before anybody imports the size of a piece."""
    return patch("engine.fetch.limits.CHUNK_BYTES", UNBOUNDED_BYTES)


def _gc() -> AbstractContextManager[object]:
    """The collector as Python has it."""
    return patch("actors.daemon.settle_in", lambda: None)


def _malloc() -> AbstractContextManager[object]:
    """The allocator as it comes, and never told to give back."""
    off = ExitStack()
    off.enter_context(patch("actors.daemon.tune", lambda: False))
    off.enter_context(patch("actors.watching.trimmer", lambda: None))
    return off


SWITCHES: Mapping[str, Switch] = MappingProxyType(
    {"streaming": _streaming, "credits": _credits, "gc": _gc, "malloc": _malloc}
)
"""In the order in which they are to be switched off."""


def main() -> None:
    named = sys.argv.pop(1).split("+")
    with ExitStack() as off:
        for name, switch in SWITCHES.items():
            if name in named:
                off.enter_context(switch())
        from actors.__main__ import main as daemon  # noqa: PLC0415 - as above

        daemon()


if __name__ == "__main__":
    main()
