"""Blocks that end their own awaits by a cancellation of their task, and take it back where they end."""

import asyncio
from typing import Any


def took_back(task: asyncio.Task[Any], error: BaseException | None, *, cancels: int) -> bool:
    """Take our one cancellation back; whether that, and nothing else, ended the block.

    `error` is what came out of the block, and `cancels` how many cancellations of the task had been asked for when the
    block began. One from outside always wins over ours: the two may come at the same moment, as one CancelledError.
    """
    return task.uncancel() <= cancels and isinstance(error, asyncio.CancelledError)
