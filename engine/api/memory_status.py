"""How memory stands, as it is told."""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

Bytes = Annotated[int, Field(ge=0)]
RungName = Literal["shrink_caches", "stop_admitting", "cut_concurrency", "pause_claiming", "start_again"]
ActionName = Literal[RungName, "trim"]
Level = Annotated[int, Field(ge=0, le=5, description="how many rungs are stood on")]
Part = Annotated[float, Field(ge=0, description="of the limit")]


class MemoryLimit(TypedDict):
    bytes: Bytes
    source: Annotated[
        Literal["setting", "group", "address_space", "data", "machine"], Field(description="who set the limit")
    ]
    where: Annotated[str, Field(description="the setting, the kernel's file or the process's limit it was read from")]
    caution: Annotated[str | None, Field(description="what whoever runs the process should know of it")]


class MemoryBudget(TypedDict):
    """What parts of the process may hold, out of what the limit leaves."""

    fetches_bytes: Annotated[Bytes, Field(description="pages in flight")]
    fetches_held_bytes: Annotated[Bytes, Field(description="by pages in flight; more than that only for one at a time")]
    intake_bytes: Annotated[Bytes, Field(description="what requests hold: their bodies, and long answers")]
    intake_held_bytes: Bytes
    caches_bytes: Annotated[Bytes, Field(description="what is kept to be answered again")]


class MemoryRung(TypedDict):
    name: RungName
    is_stood_on: bool
    entered_at: Annotated[Part, Field(description="from so much on; a rung at a time below the critical height")]
    left_below: Annotated[Part | None, Field(description="once it is stood on")]


class MemorySample(TypedDict):
    at: datetime
    used_bytes: Bytes
    limit_bytes: Bytes
    level: Level


class MemoryAction(TypedDict):
    at: datetime
    action: ActionName
    is_undone: bool
    level: Annotated[Level, Field(description="after it")]
    used_bytes: Annotated[Bytes, Field(description="for a trim, after it")]
    limit_bytes: Bytes
    stalled_percent: float | None


class MemoryStatus(TypedDict):
    level: Level
    message: Annotated[str, Field(description="what is held back, and why")]
    is_admitting: Annotated[bool, Field(description="false: new submits are answered 503")]
    is_claiming: bool
    concurrency_part: Annotated[float, Field(ge=0, le=1, description="of the fetches there may be at once")]
    used_bytes: Annotated[Bytes, Field(description="of the limit, without page cache")]
    used_part: Part
    stalled_percent: Annotated[
        float | None, Field(description="of the last ten seconds, waiting for memory (PSI some avg10); null: not told")
    ]
    limit: MemoryLimit
    budget: MemoryBudget
    rungs: Annotated[list[MemoryRung], Field(description="from the lowest up")]
    samples: Annotated[list[MemorySample], Field(description="the last hour, the fullest moment of each 10 s")]
    actions: Annotated[list[MemoryAction], Field(description="of the last hour, oldest first")]
