"""Asks a daemon for a look into it. Whoever goes away before the answer ends the look."""

import asyncio
from typing import Any

import aiohttp
import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

ANSWERS_WITHIN_S = 60.0
"""Beyond the time of the look: one that works hard takes some time to tell what it saw."""
SHOWN_EVERY_S = 0.5
SHOWN_CHARACTERS = 500
"""Of a refusal that is not the API's."""
ADMIN = "/api/v1/admin"
PATHS = {
    "cpu": f"{ADMIN}/profile?kind=cpu&seconds={{:g}}",
    "tasks": f"{ADMIN}/profile?kind=tasks",
    "memory": f"{ADMIN}/memory/snapshot?seconds={{:g}}",
}


class LookError(Exception):
    """There is nothing to show; the message says why."""


async def look(host: str, kind: str, seconds: float, *, console: Console) -> Any:
    """The answer's JSON. Raises LookError."""
    asking = asyncio.create_task(_asked(host.rstrip("/") + PATHS[kind].format(seconds), seconds + ANSWERS_WITHIN_S))
    try:
        await _shown(asking, seconds, console)
    finally:
        asking.cancel()
        await asyncio.wait((asking,))
    return asking.result()


async def _shown(asking: asyncio.Task[Any], seconds: float, console: Console) -> None:
    """Until there is an answer."""
    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=console, transient=True) as progress:
        bar, loop = progress.add_task("looking; Ctrl-C ends it", total=seconds), asyncio.get_running_loop()
        began = loop.time()
        while not asking.done():
            await asyncio.wait((asking,), timeout=SHOWN_EVERY_S)
            progress.update(bar, completed=min(loop.time() - began, seconds))


async def _asked(url: str, within_s: float) -> Any:
    wait = aiohttp.ClientTimeout(total=within_s)
    try:
        async with aiohttp.ClientSession(timeout=wait) as client, client.post(url) as answer:
            if answer.status != 200:
                raise LookError(_refusal(url, answer.status, await answer.text()))
            return await answer.json()
    except (aiohttp.ClientError, ValueError) as error:
        raise LookError(f"{url}: {error}") from error
    except TimeoutError as error:
        raise LookError(f"{url}: no answer within {within_s:.0f} s") from error


def _refusal(url: str, status: int, text: str) -> str:
    """As the API says it, if it was the API that refused."""
    try:
        told = orjson.loads(text)
        faults = "".join(f" {each['field']}: {each['message']}." for each in told["details"] or ())
        return f"{url}: {status} {told['error']}: {told['message']}{faults}"
    except (ValueError, TypeError, KeyError):
        return f"{url}: {status} {text.strip()[:SHOWN_CHARACTERS]}"
