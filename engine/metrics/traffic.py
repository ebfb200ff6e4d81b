"""Counts requests to the API. A method that is not one of HTTP's counts as OTHER: clients cannot grow the labels.

What is counted are plain numbers, made into metrics when somebody looks: a request is answered far more often.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator
from itertools import accumulate
from time import monotonic

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.registry import Collector
from prometheus_client.utils import floatToGoString

from engine.metrics.catalogue import REQUEST_S, Catalogue
from engine.metrics.rate import Rate

METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
OTHER = "OTHER"
BOUNDS = [*map(floatToGoString, REQUEST_S), "+Inf"]

Key = tuple[str, str, int]
"""Method, endpoint, status code."""


class Tally:
    """Of the requests that are alike: how many took so long, by the bounds, and all of them together."""

    __slots__ = ("requests", "seconds")

    def __init__(self) -> None:
        self.requests = [0] * len(BOUNDS)
        self.seconds = 0.0

    def add(self, other: "Tally") -> None:
        self.requests = [mine + more for mine, more in zip(self.requests, other.requests, strict=True)]
        self.seconds += other.seconds


class TrafficMetrics(Collector):
    """Keeps as many tallies as there are routes, methods and status codes. For one thread."""

    def __init__(self, *, catalogue: Catalogue, clock: Callable[[], float] = monotonic) -> None:
        self._catalogue = catalogue
        self._rate = Rate(clock=clock)
        self._tallies: dict[Key, Tally] = {}
        catalogue.register(self)

    def served(self, *, method: str, endpoint: str, status_code: int, seconds: float) -> None:
        """`endpoint` is the route's pattern, or one name for all that match none; never the path."""
        tally = self._tallies.get((method, endpoint, status_code)) or self._tally(method, endpoint, status_code)
        tally.requests[bisect_left(REQUEST_S, seconds)] += 1
        tally.seconds += seconds
        self._rate.add()

    def collect(self) -> Iterator[CounterMetricFamily | GaugeMetricFamily | HistogramMetricFamily]:
        counted, timed = self._catalogue.http_requests(), self._catalogue.http_request_duration()
        alike = self._catalogue.endpoint_response_time()
        took: dict[tuple[str, str], Tally] = {}
        for (method, endpoint, status_code), tally in self._tallies.items():
            counted.add_metric((method, endpoint, str(status_code)), sum(tally.requests))
            took.setdefault((method, endpoint), Tally()).add(tally)
        for (method, endpoint), tally in took.items():
            buckets = list(zip(BOUNDS, accumulate(tally.requests), strict=True))
            timed.add_metric((method, endpoint), buckets, tally.seconds)
            alike.add_metric((endpoint, method), buckets, tally.seconds)
        yield counted
        yield timed
        yield alike
        yield self._catalogue.http_requests_rate(value=self._rate.per_second() or 0.0)

    def _tally(self, method: str, endpoint: str, status_code: int) -> Tally:
        return self._tallies.setdefault((method if method in METHODS else OTHER, endpoint, status_code), Tally())
