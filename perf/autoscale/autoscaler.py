"""The controller at work on real processes: at each sync it asks for the metrics, decides, and tells the pods."""

import asyncio
from collections.abc import Callable

from perf.autoscale.controller import Controller
from perf.autoscale.gauges import Gauges
from perf.autoscale.manifest import Aim, Measure, Source
from perf.autoscale.pods import Pods
from perf.autoscale.recommendation import by_average, by_value
from perf.autoscale.record import Record, Standing

FOREIGN = {Source.OBJECT, Source.EXTERNAL}


class Autoscaler:
    """Of one deployment. What is told by pods cannot be had here, and keeps replicas from going."""

    def __init__(
        self,
        *,
        controller: Controller,
        pods: Pods,
        gauges: Gauges,
        sync_s: float,
        record: Record,
        now: Callable[[], float],
    ) -> None:
        self._controller = controller
        self._pods = pods
        self._gauges = gauges
        self._sync_s = sync_s
        self._record = record
        self._now = now
        self._value: float | None = None

    async def run(self) -> None:
        while True:
            asked = [await self._asked(aim) for aim in self._controller.scaler.aims]
            decision = self._controller.decide(asked, current=self._pods.wanted, now_s=self._now())
            self._record.decisions.append(decision)
            if decision.replicas != decision.current:
                self._pods.scale(decision.replicas)
            await asyncio.sleep(self._sync_s)

    def standing(self) -> Standing:
        """As of the last sync; the value is the first metric's."""
        return Standing(wanted=self._pods.wanted, ready=len(self._pods.ready), value=self._value)

    async def _asked(self, aim: Aim) -> int | None:
        if aim.source not in FOREIGN:
            return None
        value = await self._gauges.value(aim.name)
        if aim is self._controller.scaler.aims[0]:
            self._value = value
        current, ready = self._pods.wanted, len(self._pods.ready)
        if aim.measure is Measure.AVERAGE:
            return by_average(value, target=aim.target, current=max(current, 1))
        return by_value(value, target=aim.target, current=current, ready=ready)
