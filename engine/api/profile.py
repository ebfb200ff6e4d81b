"""A profile as JSON: stacks are folded, and name their functions by places in one list."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from engine.api.looks import CpuProfile, TasksStanding

CAVEAT = (
    "a sample is taken when the interpreter's lock is had: lines that let go of it are seen more often than their "
    "share of the time, and a thread that waits for it is busy where it waits; cpu_s is the kernel's figure, and free "
    "of that"
)


class SeenStack(TypedDict):
    thread: str
    frames: Annotated[list[int], Field(description="places in names, the outermost first")]
    is_idle: Annotated[bool, Field(description="its thread waited for something to do")]
    samples: Annotated[int, Field(ge=1)]


class SeenThread(TypedDict):
    name: str
    samples: int
    busy: Annotated[int, Field(description="samples in which it did not wait for something to do")]
    cpu_s: Annotated[float, Field(description="processor time by the kernel's clock; 0 if it ended meanwhile")]


class SeenCpu(TypedDict):
    seconds: float
    looks: Annotated[int, Field(description="samples taken of all threads")]
    late: Annotated[int, Field(description="samples not taken, for the interpreter's lock came too late")]
    dropped: Annotated[int, Field(description="samples of stacks beyond the bound of different ones")]
    threads: Annotated[list[SeenThread], Field(description="the busiest first")]
    names: Annotated[list[str], Field(description="functions, as module:name")]
    stacks: Annotated[list[SeenStack], Field(description="the most frequent first")]
    caveat: str


class WaitingTasks(TypedDict):
    count: int
    actors: Annotated[list[str], Field(description="names they were given, each once")]
    frames: Annotated[
        list[str], Field(description="module:name:line, the outermost first; the last is what they wait for")
    ]


class SeenTasks(TypedDict):
    total: int
    groups: Annotated[list[WaitingTasks], Field(description="the largest first")]


class Profile(TypedDict):
    kind: Literal["cpu", "tasks"]
    cpu: Annotated[SeenCpu | None, Field(description="of kind cpu")]
    tasks: Annotated[SeenTasks | None, Field(description="of kind tasks")]


def cpu_told(seen: CpuProfile) -> SeenCpu:
    return SeenCpu(
        seconds=round(seen.seconds, 3),
        looks=seen.looks,
        late=seen.late,
        dropped=seen.dropped,
        threads=[
            SeenThread(name=each.name, samples=each.samples, busy=each.busy, cpu_s=round(each.cpu_s, 6))
            for each in seen.threads
        ],
        names=list(seen.names),
        stacks=[
            SeenStack(thread=each.thread, frames=list(each.frames), is_idle=each.is_idle, samples=each.samples)
            for each in seen.stacks
        ],
        caveat=CAVEAT,
    )


def tasks_told(seen: TasksStanding) -> SeenTasks:
    groups = [
        WaitingTasks(count=each.count, actors=list(each.actors), frames=list(each.frames)) for each in seen.groups
    ]
    return SeenTasks(total=seen.total, groups=groups)
