"""How often a system with nothing to do asks its store, as each store is asked."""

import asyncio
from collections import Counter
from collections.abc import Sequence

import pytest

from actors.database import UNHURRIED
from engine.jobs.lease import Lease
from engine.jobs.pace import EAGER, Pace
from engine.jobs.query import QueueFigures
from tests.actors.stage import Troubled, on_stage
from tests.virtual_time import run_virtual

HOUR_S = 3600.0


class Asked(Troubled):
    """Counts what it is asked when nobody tells it anything."""

    def has_due(self) -> bool:
        return False

    async def rescue(self, limit: int, *, keeping: Sequence[Lease] = ()) -> int:
        self.calls.append("rescue")
        return await super().rescue(limit, keeping=keeping)

    async def tidy(self, limit: int) -> int:
        self.calls.append("tidy")
        return await super().tidy(limit)

    async def queue(self) -> QueueFigures:
        self.calls.append("queue")
        return await super().queue()


def asked_in_an_hour(pace: Pace) -> Counter[str]:
    async def idle() -> Counter[str]:
        store = Asked()
        async with on_stage(store, play=_plain, pace=pace):
            await asyncio.sleep(HOUR_S)
            return Counter(store.calls)

    return run_virtual(idle())


async def _plain(_: str) -> None: ...


@pytest.mark.parametrize(("pace", "a_second"), [(UNHURRIED, 0.6), (EAGER, 10.0)])
def test_an_idle_one_asks_so_often(pace: Pace, a_second: float) -> None:
    asked = asked_in_an_hour(pace)
    assert set(asked) == {"claim", "promote", "rescue", "tidy", "queue"}
    assert asked.total() < a_second * HOUR_S
