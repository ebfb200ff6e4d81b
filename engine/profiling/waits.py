"""The functions whose last call into the interpreter is a wait for something to do: a thread in one of them is idle.

The loop's own is among them: between its callbacks it waits for sockets, and what it does there itself has no frame.
"""

from types import CodeType

WAITS = frozenset(
    {
        ("engine.runtime.loop", "run"),
        ("asyncio.runners", "run"),
        ("selectors", "select"),
        ("threading", "wait"),
        ("threading", "join"),
        ("threading", "_wait_for_tstate_lock"),
        ("queue", "get"),
        ("concurrent.futures.thread", "_worker"),
        ("socketserver", "serve_forever"),
        ("socket", "accept"),
        ("subprocess", "_try_wait"),
    }
)
"""Modules and names. In any other a thread counts as busy, even where it waits for a disk or a lock."""


def is_wait(code: CodeType, module: str) -> bool:
    return (module, code.co_name) in WAITS
