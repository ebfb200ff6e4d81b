"""Builders that name only what matters."""

from typing import Any

from engine.jobs.job import Job
from engine.jobs.lease import Lease
from engine.jobs.outcome import ErrorType, Failure, Page
from engine.jobs.request import Options, Request
from engine.jobs.verdict import Rules


def a_request(*, method: str = "GET", **options: Any) -> Request:
    return Request(url="http://site.test/", host="site.test", method=method, options=Options(**options))


def a_job(**changes: Any) -> Job:
    return Job(**{"id": "job_1", "request": a_request(), "created_at": 100.0, "updated_at": 100.0, **changes})


def a_lease(*, request: Request | None = None, **changes: Any) -> Lease:
    given = {"job_id": "job_1", "fence": 1, "until": 130.0, "attempts": 0, "losses": 0, "ran_s": 0.0, **changes}
    return Lease(request=request or a_request(), **given)


def a_page(*, status_code: int = 200, **changes: Any) -> Page:
    given = {
        "final_url": "http://site.test/",
        "headers": (),
        "content_type": "text/html",
        "charset": "utf-8",
        "body": b"",
        "size": 0,
        "elapsed_s": 0.5,
        **changes,
    }
    return Page(status_code=status_code, **given)


def a_failure(error_type: ErrorType = ErrorType.CONNECT, *, may_have_left: bool = False, **changes: Any) -> Failure:
    return Failure(error_type=error_type, message="it failed", may_have_left=may_have_left, **changes)


def the_rules(*, drawn: float = 0.0, job_timeout_s: float = 300.0) -> Rules:
    return Rules(job_timeout_s=job_timeout_s, now=lambda: 1000.0, draw=lambda: drawn)
