"""The watch over leaks: when it looks, whom it tells, and what a death of it costs."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress

from structlog.testing import CapturingLogger

from actors.auditing import Alarm
from actors.auditor import Auditor
from engine.memory.leaks import Detector, Leak, Sample
from engine.memory.trend import Trend
from tests.engine.metrics.panel import Panel
from tests.virtual_time import run_virtual

RISING = [
    Sample(at=float(at), rss_bytes=10**8 + 10**5 * at, held_bytes=0, blocks=10**5, pages=60 * at) for at in range(600)
]


def told_of(samples: Iterator[Sample | None], *, lives_s: list[int]) -> list[Leak]:
    """By auditors that follow each other, killed after so many seconds each."""
    told: list[Leak] = []

    async def watched() -> None:
        detector = Detector()
        for life_s in lives_s:
            with suppress(TimeoutError):
                async with asyncio.timeout(life_s + 0.5):
                    await Auditor(sample=lambda: next(samples), detector=detector, tell=told.append).run()

    run_virtual(watched())
    return told


def test_a_leak_is_told_once() -> None:
    assert len(told_of(iter(RISING), lives_s=[590])) == 1


def test_what_was_seen_outlives_a_death() -> None:
    assert len(told_of(iter(RISING), lives_s=[200, 200, 190])) == 1


def test_it_waits_while_there_is_nothing_to_see() -> None:
    assert not told_of(iter([None] * 100), lives_s=[90])


def test_a_leak_is_counted_and_written_to_the_log() -> None:
    panel, log = Panel(), CapturingLogger()
    alarm = Alarm(catalogue=panel.catalogue, log=log)
    alarm(Leak(kind="bytes", trend=Trend(slope=60e3, low=50e3, high=70e3), window_s=360.0, pages=21_600))
    assert panel.shows("memory_leaks_detected_total") == 1
    ((method, (event,), fields),) = log.calls
    assert (method, event, fields["what"], fields["per_1000_pages"]) == ("warning", "memory.leaks", "bytes", 1_000_000)
    assert (fields["least_per_1000_pages"], fields["most_per_1000_pages"]) == (833_333, 1_166_667)
    assert (fields["window_s"], fields["pages"]) == (360, 21_600)
