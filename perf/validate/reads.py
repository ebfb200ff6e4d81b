"""Reads that nothing but the database can answer, as many as come back: what it does of them in a second.

The service keeps no explanation of a job, so each is a query. A few connections ask; it is no flood.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import cycle
from time import perf_counter

from perf.scenarios.hammer import battered, request_to
from perf.validate.evidence import Calls

CONNECTIONS = 8
MOST_S = 30.0
OK = 200


async def read_on(url: str, jobs: Sequence[str], headers: Mapping[str, str], goes_on: Callable[[], bool]) -> Calls:
    """As long as it goes on, half a minute at most. One whose connection was lost has failed."""
    sent = 0
    ends_at = perf_counter() + MOST_S
    requests = cycle([request_to(f"{url}/api/v1/scrape/{job}/explain", headers=headers) for job in jobs])

    def until_then() -> Iterator[bytes]:
        nonlocal sent
        for request in requests:
            if not goes_on() or perf_counter() > ends_at:
                return
            sent += 1
            yield request

    try:
        blows = await battered(url, until_then(), connections=CONNECTIONS)
    except (OSError, TimeoutError):
        return Calls(requests=sent + 1, failures=sent + 1, refused=0)
    return Calls(requests=sent, failures=sent - blows.statuses[OK], refused=0)
