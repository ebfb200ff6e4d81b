"""Counts requests to the API. A method that is not one of HTTP's counts as OTHER: clients cannot grow the labels."""

from prometheus_client import Counter, Histogram

from engine.metrics.catalogue import Catalogue

METHODS = frozenset({"CONNECT", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE"})
OTHER = "OTHER"


class TrafficMetrics:
    """Keeps the children it has asked for: as many as there are routes, methods and status codes."""

    def __init__(self, *, catalogue: Catalogue) -> None:
        self._requests = catalogue.http_requests
        self._durations = catalogue.http_request_duration
        self._children: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def served(self, *, method: str, endpoint: str, status_code: int, seconds: float) -> None:
        """`endpoint` is the route's pattern, or one name for all that match none; never the path."""
        key = (method if method in METHODS else OTHER, endpoint, status_code)
        children = self._children.get(key)
        if children is None:
            children = self._children[key] = self._labelled(*key)
        children[0].inc()
        children[1].observe(seconds)

    def _labelled(self, method: str, endpoint: str, status_code: int) -> tuple[Counter, Histogram]:
        return self._requests.labels(method, endpoint, status_code), self._durations.labels(method, endpoint)
