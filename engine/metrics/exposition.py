"""The metrics as text, in the format that is asked for: Prometheus text or OpenMetrics.

prometheus-async's handler for aiohttp serves only the default registry; ours is passed.
"""

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4, generate_latest
from prometheus_client.openmetrics import exposition as openmetrics

OPENMETRICS = "application/openmetrics-text"


class Exposition:
    """Renders one registry; it reads what is there and measures nothing."""

    def __init__(self, *, registry: CollectorRegistry) -> None:
        self._registry = registry

    def render(self, accept: str) -> tuple[str, bytes]:
        """The content type and the text. `accept` is the header of that name; whatever it says, there is an answer."""
        if OPENMETRICS in {each.partition(";")[0].strip().lower() for each in accept.split(",")}:
            return openmetrics.CONTENT_TYPE_LATEST, openmetrics.generate_latest(self._registry)  # type: ignore[no-untyped-call]  # theirs
        return CONTENT_TYPE_PLAIN_0_0_4, generate_latest(self._registry)
