"""A whole set of instruments on a registry of its own, with a clock that is turned by hand."""

import math
from pathlib import Path

from prometheus_client import CollectorRegistry

from engine.metrics.caches import CacheMetrics
from engine.metrics.catalogue import Catalogue
from engine.metrics.dials import Dials
from engine.metrics.ends import EndMetrics
from engine.metrics.headway import Headway
from engine.metrics.instruments import Instruments
from engine.metrics.observer import MetricsObserver
from engine.metrics.pages import PageMetrics
from engine.metrics.traffic import TrafficMetrics
from engine.metrics.vitals import Pulse


class Clock:
    def __init__(self, now: float = 1000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def turn(self, seconds: float) -> None:
        self.now += seconds


class Panel:
    def __init__(self) -> None:
        self.clock = Clock()
        self.registry = CollectorRegistry()
        self.catalogue = Catalogue(registry=self.registry, version="1.2.3", name="CFScraper API")
        self.headway = Headway(clock=self.clock)
        self.pages = PageMetrics(catalogue=self.catalogue, headway=self.headway)
        self.ends = EndMetrics(catalogue=self.catalogue)
        self.pulse = Pulse(clock=self.clock, data=Path("/"))
        self.dials = Dials(catalogue=self.catalogue, pulse=self.pulse, headway=self.headway)
        self.observer = MetricsObserver(catalogue=self.catalogue)
        self.traffic = TrafficMetrics(catalogue=self.catalogue, clock=self.clock)
        self.caches = CacheMetrics(catalogue=self.catalogue)
        self.instruments = Instruments(pages=self.pages, dials=self.dials, observers=[self.observer])

    def shows(self, sample: str, **labels: str) -> float:
        value = self.registry.get_sample_value(sample, labels)
        return math.nan if value is None else value

    def samples(self, family: str) -> dict[tuple[str, ...], float]:
        """Label values to value, of the samples that carry the family's own name."""
        return {
            tuple(sample.labels.values()): sample.value
            for metric in self.registry.collect()
            for sample in metric.samples
            if sample.name == family
        }
