"""Where the processor's time goes, by the service's own profiler, if it has one."""

from collections.abc import Mapping
from operator import itemgetter
from typing import Any

import aiohttp

from perf.bottlenecks.evidence import Stack

PATH = "/api/v1/admin/profile"
SECONDS = 3
LATER_S = 30.0
SHOWN = 10
NOTHING_THERE = (404, 405)


class NoProfileError(Exception):
    """Says why there is none."""


async def stacks(client: aiohttp.ClientSession, url: str) -> tuple[Stack, ...]:
    """The most frequent ones. NoProfileError."""
    asked = {"seconds": str(SECONDS), "kind": "cpu"}
    within = aiohttp.ClientTimeout(total=SECONDS + LATER_S)
    try:
        async with client.post(f"{url}{PATH}", params=asked, timeout=within) as answer:
            if answer.status in NOTHING_THERE:
                raise NoProfileError("the service has no profiler")
            if answer.status != 200:
                raise NoProfileError(f"the profiler answered {answer.status}")
            return most_of(await answer.json())
    except (aiohttp.ClientError, TimeoutError, ValueError) as error:
        raise NoProfileError(f"the profiler did not answer: {type(error).__name__}") from error


def most_of(answer: Mapping[str, Any]) -> tuple[Stack, ...]:
    """The busy ones of all threads, by the service's own names. ValueError for what is no profile."""
    try:
        cpu = answer["cpu"]
        names, busy = cpu["names"], [each for each in cpu["stacks"] if not each["is_idle"]]
        whole = sum(each["samples"] for each in busy)
        return tuple(
            Stack(
                frames=";".join([each["thread"], *(names[place] for place in each["frames"])]),
                part=round(each["samples"] / whole, 3),
            )
            for each in sorted(busy, key=itemgetter("samples"), reverse=True)[:SHOWN]
        )
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError("that is no profile") from error
