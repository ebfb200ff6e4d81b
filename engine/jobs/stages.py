"""Where the time of a job goes: the stages of its way, and what each took.

One stage begins where another ends, so the stages of all attempts add up to the time from a job's making to its end.
What is missing of it went with leases that were lost or given back. All this is on the way of every page: it costs
about 2 us a page, and plain lists are a part of the reason.
"""

from enum import StrEnum
from operator import add


class Stage(StrEnum):
    """Kept by its place in this list: new ones go to the end."""

    DELAY = "delay"
    """Until it was due: what `run_at` asked for, or the delay before a retry."""
    QUEUE = "queue"
    """Due, until it was claimed."""
    MAILBOX = "mailbox"
    """Claimed, until a fetcher took it."""
    DNS = "dns"
    CONNECT = "connect"
    """TCP, and a proxy's consent where there is a proxy."""
    TLS = "tls"
    FIRST_BYTE = "first_byte"
    """From the connection to the answer's head; of redirects too."""
    BODY = "body"
    EXTRACTION = "extraction"
    PERSISTING = "persisting"
    """From the outcome to its transaction's beginning, and whatever the pieces of a large body took before."""
    MEMORY = "memory"
    """Whatever was waited until there was memory: before the fetch, for its body, for its extraction."""


DELAY, QUEUE, MAILBOX, DNS, CONNECT, TLS, FIRST_BYTE, BODY, EXTRACTION, PERSISTING, MEMORY = range(len(Stage))
"""The places."""

Times = list[float]
"""What the stages of one fetch took, in microseconds; those outside of it are 0. Handed over, it does not change."""
Spent = tuple[int, ...]
"""What the stages of an attempt took, in microseconds."""
Span = tuple[float, float]
"""When a fetcher took a lease and when it had the outcome, in the store's time."""


_NO_TIMES = [0.0] * len(Stage)


def no_times() -> Times:
    return _NO_TIMES.copy()


def spent(
    times: Times, *, delay_us: int, queue_us: int, mailbox_s: float, memory_s: float, persisting_s: float
) -> Spent:
    """What one attempt took. Where the store's clock is not this process's, it may come out below 0."""
    found = list(map(int, times))
    found[DELAY] = delay_us
    found[QUEUE] = queue_us
    found[MAILBOX] = int(mailbox_s * 1e6)
    found[MEMORY] += int(memory_s * 1e6)
    found[PERSISTING] += int(persisting_s * 1e6)
    return tuple(found)


def together(before: Spent, last: Spent) -> Spent:
    """What all attempts took; earlier ones may have known fewer stages."""
    if not before:
        return last
    padded = before + (0,) * (len(last) - len(before))
    return tuple(map(add, padded, last))
