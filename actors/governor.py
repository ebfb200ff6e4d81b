"""Sets how many fetchers may be awake, four times a second, by what came of the fetches since the last time."""

import asyncio
from typing import Any, Protocol

from engine.jobs.toll import Toll
from engine.runtime import Actor, FellBack, Figures, Gate, Governing, Mailbox, Observer, Pressure, Valve, lag_s, ticks

PERIOD_S = 0.25


class Gauge(Observer, Protocol):
    """Where the width is shown."""

    def show_width(self, width: int) -> None: ...


class Governor(Actor):
    """What it knows is kept by the system, so that it outlives it."""

    def __init__(  # noqa: PLR0913 - what it looks at, and what it sets
        self,
        *,
        governing: Governing,
        valve: Valve,
        gate: Gate,
        pressure: Pressure,
        inbox: Mailbox[Any],
        outbox: Mailbox[Any],
        toll: Toll,
        gauge: Gauge,
    ) -> None:
        """`inbox` and `outbox` are the fetchers', who begin at the `gate`.

        Under `pressure` a part of them sleeps whatever is found.
        """
        self._governing = governing
        self._valve = valve
        self._gate = gate
        self._pressure = pressure
        self._inbox = inbox
        self._outbox = outbox
        self._toll = toll
        self._gauge = gauge

    async def run(self) -> None:
        self._look()
        self._set()
        async for passed in ticks(PERIOD_S):
            late_s = await lag_s() if self._busy else 0.0
            was, figures = self._valve.width, self._figures(late_s, is_late=passed > 1)
            why = self._governing.judge(figures)
            self._set()
            if why is not None:
                self._gauge.saw(FellBack(name="fetchers", why=why, was=was, width=self._valve.width))

    def _set(self) -> None:
        width = max(int(self._governing.width * self._pressure.part), 1)
        if width != self._valve.width:
            self._valve.width = width
        self._gauge.show_width(width)

    @property
    def _busy(self) -> int:
        return max(self._valve.inside - self._inbox.hungry, 0)

    def _look(self) -> None:
        self._seen_at = asyncio.get_running_loop().time()
        self._turns = self._gate.turns
        self._ended, self._elapsed_s, self._troubled = self._toll.ended, self._toll.elapsed_s, self._toll.troubled

    def _figures(self, lag_s: float, *, is_late: bool) -> Figures:
        """Since the last look. If the store or the loop stood still, that is no fault of the sites'."""
        seen_at, turns = self._seen_at, self._turns
        ended, elapsed_s, troubled = self._ended, self._elapsed_s, self._troubled
        self._look()
        is_stuck = self._ended == ended and self._outbox.depth > 0
        return Figures(
            seconds=self._seen_at - seen_at,
            ended=self._ended - ended,
            elapsed_s=self._elapsed_s - elapsed_s,
            troubled=self._troubled - troubled,
            busy=self._busy,
            lag_s=lag_s,
            is_held_up=is_late or is_stuck,
            is_shut=self._gate.is_shut or self._gate.turns != turns,
        )
