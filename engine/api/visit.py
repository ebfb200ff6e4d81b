"""One request while it is answered."""

from collections.abc import Mapping

from aiohttp import web

from engine.api.services import Services
from engine.jobs.errand import ids_of
from engine.jobs.trace import TraceContext


class Visit:
    """An errand: `job_id` where it is about one job, `trace` where who asks or we ourselves trace it."""

    __slots__ = ("id", "job_id", "services", "started", "trace")

    def __init__(self, id: str, services: Services, started: float, trace: TraceContext | None) -> None:  # noqa: A002 - its name
        self.id = id
        self.services = services
        self.started = started
        self.trace = trace
        self.job_id: str | None = None

    def ids(self) -> Mapping[str, str]:
        return ids_of(request_id=self.id, job_id=self.job_id, trace=self.trace)


VISIT = web.RequestKey("visit", Visit)
