"""Leases of the jobs that a claim took, from columns of what it read of them."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat
from typing import Any

from engine.jobs.lease import Counted, Lease
from engine.jobs.mould import Mould
from engine.jobs.request import DEFAULT, NOTHING, REQUESTS, Request
from engine.storage.codec import decode_request, decode_total

COLUMNS = "job_id, fence, url, host, method, request, attempts, losses, ran_s, delay_us, queue_us, stages"
"""What is read; the fence is the new one, request and stages are parsed."""
_LEASES = Mould(
    Lease,
    (
        "job_id",
        "fence",
        "until",
        "request",
        "attempts",
        "losses",
        "ran_s",
        "claimed_at",
        "delay_us",
        "queue_us",
        "spent",
        "counted",
    ),
)


def leases(
    columns: Sequence[Sequence[Any]], *, now: float, until: float, counted: Iterable[Counted] | None = None
) -> list[Lease]:
    """Of the COLUMNS, in their order."""
    job_ids, fences, urls, hosts, methods, rests, *figures, stages = columns
    attempts, losses, ran_s, delay_us, queue_us = figures
    requests = _requests(urls, hosts, methods, rests)
    spent = [decode_total(each) if each else () for each in stages] if any(stages) else repeat(())
    waited = (repeat(now), delay_us, queue_us, spent, repeat(None) if counted is None else counted)
    return _LEASES.many(len(job_ids), job_ids, fences, repeat(until), requests, attempts, losses, ran_s, *waited)


def _requests(
    urls: Sequence[str], hosts: Sequence[str], methods: Sequence[str], rests: Sequence[Mapping[str, Any] | None]
) -> list[Request]:
    if not any(rests):
        nothing = (repeat(NOTHING), repeat(NOTHING), repeat(NOTHING), repeat(DEFAULT), repeat(None))
        return REQUESTS.many(len(urls), urls, hosts, methods, *nothing)
    return [
        decode_request(url=url, host=host, method=method, rest=rest)
        for url, host, method, rest in zip(urls, hosts, methods, rests, strict=True)
    ]
