"""The metrics as text, in the format that is asked for: Prometheus text or OpenMetrics.

prometheus-async's handler for aiohttp serves only the default registry; ours is passed.
"""

from prometheus_client import CollectorRegistry
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from prometheus_client.openmetrics.exposition import CONTENT_TYPE_LATEST

from engine.metrics.text import Text

OPENMETRICS = "application/openmetrics-text"


class Exposition:
    """Renders one registry; it reads what is there and measures nothing."""

    def __init__(self, *, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._plain, self._open = Text(is_open=False), Text(is_open=True)

    def render(self, accept: str) -> tuple[str, bytes]:
        """The content type and the text. `accept` is the header of that name; whatever it says, there is an answer."""
        if OPENMETRICS in {each.partition(";")[0].strip().lower() for each in accept.split(",")}:
            return CONTENT_TYPE_LATEST, self._open.of(self._registry.collect())
        return CONTENT_TYPE_PLAIN_0_0_4, self._plain.of(self._registry.collect())
