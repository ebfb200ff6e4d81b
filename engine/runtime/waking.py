"""Ends the wait of who may have given it up meanwhile."""

import asyncio


def wake(future: asyncio.Future[None]) -> None:
    if not future.done():
        future.set_result(None)
