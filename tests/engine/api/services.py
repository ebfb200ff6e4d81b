"""The API's services, made of parts that remember what they were told."""

import asyncio
from random import Random
from typing import Any, cast

from engine.api import Services
from engine.api.admission import Admission
from engine.api.dates import shown
from engine.api.memory_status import MemoryStatus
from engine.fetch.decoding import Decoding
from engine.jobs.ids import Ids
from engine.jobs.ports import JobStore
from engine.jobs.request import Options, Selector
from engine.memory.snapshot import Growth, Growths
from engine.profiling.profiler import CpuProfile
from engine.profiling.stacks import Stack
from engine.profiling.tasks import Standing, standing
from engine.runtime import Credits, Mailbox, Window
from tests.engine.api.shelf import Shelf

BUDGET_BYTES = 1024 * 1024 * 1024
NOW = 1_700_000_000.0
SHOWN = shown(NOW)


MEMORY: MemoryStatus = {
    "level": 2,
    "message": "memory is short",
    "is_admitting": False,
    "is_claiming": True,
    "concurrency_part": 1.0,
    "used_bytes": 78,
    "used_part": 0.78,
    "stalled_percent": None,
    "limit": {"bytes": 100, "source": "setting", "where": "MEMORY_LIMIT", "caution": None},
    "budget": {
        "fetches_bytes": 40,
        "fetches_held_bytes": 7,
        "intake_bytes": 15,
        "intake_held_bytes": 0,
        "caches_bytes": 20,
    },
    "rungs": [{"name": "shrink_caches", "is_stood_on": True, "entered_at": 0.7, "left_below": 0.65}],
    "samples": [{"at": SHOWN, "used_bytes": 78, "limit_bytes": 100, "level": 2}],
    "actions": [
        {
            "at": SHOWN,
            "action": "stop_admitting",
            "is_undone": False,
            "level": 2,
            "used_bytes": 76,
            "limit_bytes": 100,
            "stalled_percent": None,
        }
    ],
}


class Condition:
    """Healthy until it is given a reason not to be."""

    name = "CFScraper API"
    version = "2.0"
    started_at = NOW - 60

    def __init__(self) -> None:
        self.illness = ""
        self.is_dead = False

    def is_live(self) -> bool:
        return not self.is_dead

    def readiness(self) -> tuple[bool, str]:
        return not self.illness, self.illness


class Numbers:
    queue_type = "shelf"
    max_concurrent_jobs = 64

    def __init__(self) -> None:
        self.rate: float | None = None

        self.wait: float | None = None

    def per_second(self) -> float | None:
        return self.rate

    def wait_s(self) -> float | None:
        return self.wait


class Tally:
    """Requests seen."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str, int]] = []

    def served(self, *, method: str, endpoint: str, status_code: int, seconds: float) -> None:
        assert seconds >= 0
        self.seen.append((method, endpoint, status_code))


class Book:
    """Events logged."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    def error(self, event: str, **fields: Any) -> None:
        self.events.append((event, fields))


class Lens:
    """Snapshots of a process in which one line grows; taken at once, or when it is let go."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.is_free = asyncio.Event()
        self.is_free.set()

    async def __call__(self, seconds: float) -> Growths:
        self.asked.append(seconds)
        await self.is_free.wait()
        line = Growth(file="leak.py", line=7, size_bytes=4096, count=4, held_bytes=8192)
        return Growths(lines=[line], traced_bytes=10_000, tracing_bytes=2000)


class Glance:
    """Profiles that take no time, of a process with one stack."""

    async def cpu(self, seconds: float) -> CpuProfile:
        stack = Stack(thread="MainThread", frames=[0], is_idle=False, samples=1)
        return CpuProfile(seconds=seconds, looks=1, late=0, dropped=0, threads=[], names=["spin:spin"], stacks=[stack])

    def tasks(self) -> Standing:
        return standing(asyncio.all_tasks())


def refuse_the_unreadable(selector: Selector) -> None:
    if selector.css == "((":
        raise ValueError("is no selector")


def the_services(shelf: Shelf, **changes: Any) -> Services:
    return Services(
        **{
            "store": cast(JobStore, shelf),
            "commit": shelf.commit,
            "window": lambda width: Window(Mailbox("commands", capacity=width), width=width, timeout_s=0.01),
            "ids": Ids(wall=lambda: NOW, random_bits=Random(7).getrandbits),
            "options": Options(timeout_s=20.0, max_body_bytes=1_000_000),
            "validate_selector": refuse_the_unreadable,
            "decoding": Decoding,
            "health": Condition(),
            "figures": Numbers(),
            "traffic": Tally(),
            "render_metrics": lambda accept: ("text/plain; version=0.0.4", f"# {accept}\n".encode()),
            "admission": Admission(Credits(BUDGET_BYTES, may_overdraw=False)),
            "memory": lambda: MEMORY,
            "snapshot": Lens(),
            "profiler": Glance(),
            "log": Book(),
            "wall": lambda: NOW,
            "now": lambda: NOW,
            **changes,
        }
    )
