"""The meter, whose dials are looked at most when nothing else works any more."""

import asyncio

from actors.database import UNHURRIED
from actors.meter import Meter
from engine.jobs.query import QueueFigures
from tests.engine.metrics.panel import Panel
from tests.engine.metrics.still_store import StillStore
from tests.virtual_time import run_virtual

MINUTE_S = 60.0


class Hanging(StillStore):
    async def queue(self) -> QueueFigures:
        await asyncio.get_running_loop().create_future()
        raise AssertionError


def test_while_the_store_hangs_the_process_is_shown_in_most_seconds() -> None:
    async def looks() -> float:
        panel = Panel()
        meter = Meter(store=Hanging(), owner="me", dials=panel.dials, pace=UNHURRIED)
        metering = asyncio.ensure_future(meter.run())
        await asyncio.sleep(MINUTE_S)
        metering.cancel()
        await asyncio.wait([metering])
        return panel.shows("event_loop_lag_seconds_count")

    assert run_virtual(looks()) > 0.7 * MINUTE_S
