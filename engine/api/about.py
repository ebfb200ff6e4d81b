"""The JSON that goes out about the service itself: its health and memory, what it promises, how much more it can take.

As with what is answered about jobs, the OpenAPI document is made of these.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import Field
from typing_extensions import TypedDict

from engine.jobs.bottleneck import Bottleneck


class ServiceHealth(TypedDict):
    status: Literal["healthy"]
    version: str
    service: str
    timestamp: datetime


class ServiceIllness(TypedDict):
    status: Literal["unhealthy"]
    error: str
    service: str


class ApiHealth(TypedDict):
    status: Literal["healthy", "unhealthy"]
    version: str
    timestamp: datetime
    uptime: Annotated[float, Field(description="seconds")]


class Liveness(TypedDict):
    status: Literal["alive", "dead"]


class Readiness(TypedDict):
    status: Literal["ready", "not ready"]
    reason: str | None


class Guarantee(TypedDict):
    name: str
    promise: str


class Guarantees(TypedDict):
    guarantees: list[Guarantee]


class OpenApiDocument(TypedDict):
    openapi: str
    info: dict[str, Any]
    paths: dict[str, Any]
    components: dict[str, Any]


class GrownLine(TypedDict):
    file: str
    line: int
    size_bytes: Annotated[int, Field(description="more than at the beginning; negative: less")]
    count: Annotated[int, Field(description="of allocations, likewise")]
    held_bytes: Annotated[int, Field(description="at the end, of what was allocated since tracing began")]


class CapacityStatus(TypedDict):
    accepting: Annotated[bool, Field(description="false: submits are answered 503")]
    reason: Annotated[str | None, Field(description="why not")]
    jobs: Annotated[int, Field(ge=0, description="usual jobs that one bulk may hold now")]
    body_bytes: Annotated[int, Field(ge=0, description="the largest plain body that is taken in now")]
    max_concurrent_jobs: Annotated[int, Field(ge=0, description="fetches there may be at once now")]
    per_second: Annotated[float | None, Field(description="jobs settled a second; null until measured")]
    wait_seconds: Annotated[
        float | None, Field(description="what a job that comes now may expect until its end; null while nothing moves")
    ]
    retry_after: Annotated[int, Field(ge=1, description="seconds after which who is refused now should come again")]


class BottlenecksCounted(TypedDict):
    counted: list[Bottleneck]


class MemorySnapshot(TypedDict):
    seconds: float
    grown: Annotated[list[GrownLine], Field(description="the lines that grew the most")]
    traced_bytes: Annotated[int, Field(description="allocated since tracing began, and not freed")]
    tracing_bytes: Annotated[int, Field(description="what the tracing itself took at the end")]
    overhead: str
