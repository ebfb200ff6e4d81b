"""All that is known of a service after a while under load: what the rules judge, and nothing else.

It is written as JSON and read back as it was, so that a run can be judged again.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import orjson
from pydantic import TypeAdapter


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """How often something took how long. The percentiles are as fine as the histogram's bounds."""

    count: int = 0
    total_s: float = 0.0
    p10_s: float = 0.0
    p50_s: float = 0.0
    p95_s: float = 0.0

    @property
    def mean_s(self) -> float:
        return self.total_s / self.count if self.count else 0.0


NEVER = Timing()
RUNNING, EPOLL, LOCK = "running", "epoll", "a lock"
"""What a loop's thread may do: the last is the interpreter's lock, or another."""
SLEEP, SOCKET, POLL, SYNC, PROCESS = "a sleep", "a socket", "a poll of its own", "a sync of the disk", "a child's end"


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """How full it was when looked at, and how long messages waited in it."""

    depth_mean: float
    depth_most: float
    wait: Timing = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Pool:
    """Connections: how many there may be, in which part of all looks none was free, and what was waited for one."""

    size: float = 0.0
    used_mean: float = 0.0
    full_part: float = 0.0
    wait: Timing = NEVER


@dataclass(frozen=True, slots=True, kw_only=True)
class Threads:
    """What threads did, as parts of the time, added up over them."""

    cpu_part: float
    held_up_part: float
    """In which they could have run and got no processor."""

    @property
    def busy_part(self) -> float:
        return self.cpu_part + self.held_up_part


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """How the database makes one statement of a query; `scans` are the tables that it goes through row by row."""

    query: str
    statement: str
    steps: tuple[str, ...]
    scans: tuple[str, ...] = ()
    took_s: float | None = None
    """Alone, asked from beside; None for what writes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Stack:
    """Outermost first, and the part of all samples that found it."""

    frames: str
    part: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Of one stretch of time."""

    window_s: float
    is_complete: bool = True
    """It lasted as long as it was meant to."""
    pages: int
    """Attempts that were settled."""
    due: float
    """Jobs that waited, on the average."""
    active: float
    """Jobs under a lease, on the average."""
    width: float
    """Fetches that may be under way at once, at the end."""
    cpu_part: float
    """Processor time of the process, in cores."""
    machine_cpu_part: float
    stages: Mapping[str, Timing] = field(default_factory=dict)
    """Of one attempt a batch."""
    queries: Mapping[str, Timing] = field(default_factory=dict)
    slow_queries: Mapping[str, int] = field(default_factory=dict)
    endpoints: Mapping[str, Timing] = field(default_factory=dict)
    mailboxes: Mapping[str, Mailbox] = field(default_factory=dict)
    lag: Timing = NEVER
    """How late the event loop was."""
    loop: Threads | None = None
    """Its thread; None where the kernel was not asked."""
    loop_calls: Mapping[str, float] = field(default_factory=dict)
    """In which call its thread slept, as parts of all looks; empty where the kernel was not asked."""
    others: Threads | None = None
    """All beside it: those of the database, of extraction."""
    others_calls: Mapping[str, float] = field(default_factory=dict)
    """In which part of all looks at least one of these slept in a call that is no wait for work."""
    garbage: Timing = NEVER
    database: Pool = field(default_factory=Pool)
    redis: Pool = field(default_factory=Pool)
    redis_calls: Mapping[str, Timing] = field(default_factory=dict)
    """With the wait for a connection."""
    memory_level_most: float = 0.0
    plans: tuple[Plan, ...] = ()
    stacks: tuple[Stack, ...] = ()
    unknown: tuple[str, ...] = ()
    """What could not be looked at, and why."""

    @property
    def per_second(self) -> float:
        return self.pages / self.window_s if self.window_s else 0.0

    @property
    def cpu_s_a_page(self) -> float:
        return self.cpu_part * self.window_s / self.pages if self.pages else 0.0

    def stage(self, name: str) -> Timing:
        return self.stages.get(name, NEVER)

    def query(self, name: str) -> Timing:
        return self.queries.get(name, NEVER)

    def busy_part(self, *queries: str) -> float:
        """The part of the time in which such a call was under way, where they are made one after the other."""
        return sum(self.query(name).total_s for name in queries) / self.window_s if self.window_s else 0.0


READ = TypeAdapter(Evidence)


def dumped(evidence: Evidence) -> bytes:
    return orjson.dumps(evidence, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def loaded(raw: bytes) -> Evidence:
    """Raises ValueError for what is no evidence."""
    return READ.validate_json(raw)
