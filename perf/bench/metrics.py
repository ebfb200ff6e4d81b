"""What a page's metrics cost on its way from the submit to the settle, in microseconds of processor time.

Each is the best of many batches, for others on the machine only make it dearer; what would be done without metrics as
well is measured by itself and taken off.
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from time import monotonic, process_time
from typing import Any

import uvloop
from prometheus_async.aio import time as timed
from prometheus_client import CollectorRegistry

from engine.jobs.lease import Lease
from engine.jobs.outcome import Page
from engine.jobs.query import Settled
from engine.jobs.request import Request
from engine.jobs.status import Status
from engine.jobs.verdict import COMPLETED, Settlement
from engine.metrics.caches import CacheMetrics
from engine.metrics.catalogue import Catalogue
from engine.metrics.dials import Dials
from engine.metrics.headway import Headway
from engine.metrics.instruments import Instruments
from engine.metrics.observer import MetricsObserver
from engine.metrics.pages import PageMetrics
from engine.metrics.timed_store import Watch
from engine.metrics.traffic import TrafficMetrics
from engine.metrics.vitals import Pulse
from engine.runtime import Mailbox

TOGETHER = 64
"""Pages that are claimed, and settled, in one transaction: as many as are fetched at once in the beginning."""
_BATCHES = 300
_PAGES = 512
_KEYS = ("status:job_1", "result:job_1")
"""Dropped with each submit, those of a transaction together."""

Act = Callable[[], Awaitable[object]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Set:
    """The instruments of one process."""

    caches: CacheMetrics
    catalogue: Catalogue
    instruments: Instruments
    traffic: TrafficMetrics


async def measure(together: int) -> Mapping[str, float]:
    """By part, and all of it: of a page that is claimed and settled with as many."""
    parts = {name: await _best_us(act) - await _best_us(bare) for name, (act, bare) in _parts(together).items()}
    return {**parts, "page": sum(parts.values())}


def main() -> None:
    for together in (TOGETHER, 1):
        print(f"{together} at once:")
        for name, micros in uvloop.run(measure(together)).items():
            print(f"  {name:10} {micros:6.2f} us")


def _parts(together: int) -> Mapping[str, tuple[Act, Act]]:
    """Each with what is left of it without metrics."""
    instruments = a_set()
    return {
        "served": (lambda: _served(instruments.traffic), _nothing),
        "mailboxes": (lambda: _hops(instruments.instruments, together), lambda: _hops(None, together)),
        "store": (lambda: _called(_watched(instruments.catalogue), together), lambda: _called([_none] * 3, together)),
        "cache": (lambda: _looked(instruments.caches, together), lambda: _dropped(together)),
        "settled": (lambda: _settled(instruments.instruments, together), _nothing),
    }


def a_set() -> Set:
    registry = CollectorRegistry()
    catalogue = Catalogue(registry=registry, version="1", name="bench")
    headway = Headway(clock=monotonic)
    dials = Dials(catalogue=catalogue, pulse=Pulse(clock=monotonic, data=Path("/")), headway=headway)
    pages = PageMetrics(catalogue=catalogue, headway=headway)
    observers = [MetricsObserver(catalogue=catalogue)]
    return Set(
        caches=CacheMetrics(catalogue=catalogue),
        catalogue=catalogue,
        instruments=Instruments(pages=pages, dials=dials, observers=observers),
        traffic=TrafficMetrics(catalogue=catalogue),
    )


async def _best_us(act: Act) -> float:
    best_s = float("inf")
    for _ in range(_BATCHES):
        began = process_time()
        await act()
        best_s = min(best_s, process_time() - began)
    return best_s / _PAGES * 1e6


async def _nothing() -> None:
    for _ in range(_PAGES):
        pass


async def _none() -> None: ...


def _drop(keys: Sequence[str]) -> None: ...


async def _served(traffic: TrafficMetrics) -> None:
    """Each page came with a request of its own."""
    for _ in range(_PAGES):
        traffic.served(method="POST", endpoint="/api/v1/scrape", status_code=202, seconds=0.004)


async def _hops(observer: Instruments | None, together: int) -> None:
    """Of a command, of a lease and of an outcome; leases are taken one by one."""
    boxes: Sequence[Mailbox[int]] = [Mailbox(name, capacity=_PAGES, observer=observer) for name in ("a", "b", "c")]
    for box, taken in zip(boxes, (together, 1, together), strict=True):
        for _ in range(_PAGES // together):
            for _ in range(together):
                box.offer(1)
            for _ in range(together // taken):
                box.take_now(taken)


def _watched(catalogue: Catalogue) -> Sequence[Callable[[], Awaitable[Any]]]:
    return [timed(Watch(query, catalogue=catalogue))(_none) for query in ("commit", "claim", "settle")]


async def _called(calls: Sequence[Callable[[], Awaitable[Any]]], together: int) -> None:
    for _ in range(_PAGES // together):
        for call in calls:
            await call()


async def _looked(caches: CacheMetrics, together: int) -> None:
    forget = caches.sampled("drop", "memory", _drop)
    for _ in range(_PAGES // together):
        forget(_KEYS)
        for _ in range(together):
            caches.looked("pages", "page:", found=False)


async def _dropped(together: int) -> None:
    for _ in range(_PAGES // together):
        _drop(_KEYS)


async def _settled(instruments: Instruments, together: int) -> None:
    settlements = [_settlement(number) for number in range(together)]
    ends = [Settled(accepted=True, status=Status.COMPLETED, at=3.0)] * together
    for _ in range(_PAGES // together):
        await instruments.settled(settlements, ends)


def _settlement(number: int) -> Settlement:
    url = f"http://site.test/{number}"
    lease = Lease(
        job_id=f"job_{number}",
        fence=1,
        until=30.0,
        request=Request(url=url, host="site.test"),
        attempts=0,
        losses=0,
        ran_s=0.0,
        claimed_at=1.0,
        queue_us=1000,
    )
    page = Page(
        status_code=200,
        final_url=url,
        headers=(),
        content_type="text/html",
        charset="utf-8",
        body=b"",
        size=0,
        elapsed_s=0.1,
        times=[0.0, 0.0, 0.0, 9.0, 9.0, 0.0, 9000.0, 900.0, 0.0, 9.0, 0.0],
    )
    return Settlement(lease=lease, outcome=page, verdict=COMPLETED, span=(1.5, 2.0))


if __name__ == "__main__":
    main()
