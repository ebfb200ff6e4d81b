"""Where a list goes on: after which job, in which order, on which page. Opaque to clients."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable
from typing import Annotated, Any, Self

import orjson
from pydantic import BaseModel, ConfigDict, Field, model_validator

from engine.jobs.job import Job
from engine.jobs.status import Status

KINDS: dict[str, Callable[[Any], object]] = {
    "created_at": float,
    "updated_at": float,
    "priority": int,
    "status": Status,
}


class Cursor(BaseModel):
    """`value` and `job_id` are the last job's; `page` is the page that follows."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)

    sort_by: str
    descending: bool
    value: Annotated[int, Field(ge=-100, le=100)] | float | str
    job_id: Annotated[str, Field(pattern="^job_[0-9A-Za-z-]{1,64}$")]
    page: Annotated[int, Field(ge=2, le=2**31)]

    @classmethod
    def behind(cls, job: Job, *, sort_by: str, descending: bool, page: int) -> Self:
        value = getattr(job, sort_by)
        return cls(sort_by=sort_by, descending=descending, value=value, job_id=job.id, page=page)

    @classmethod
    def read(cls, text: object) -> Self:
        """Raises ValueError for one that was not written here."""
        try:
            return cls.model_validate_json(urlsafe_b64decode(str(text).encode("ascii")))
        except ValueError as error:
            raise ValueError("is no cursor of ours") from error

    @model_validator(mode="after")
    def _fits(self) -> Self:
        kind = KINDS.get(self.sort_by)
        if kind is None or kind(self.value) != self.value:
            raise ValueError
        return self

    def written(self) -> str:
        return urlsafe_b64encode(orjson.dumps(self.model_dump())).decode()
