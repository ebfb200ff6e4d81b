"""The users, for Locust alone: it brings gevent, which takes over the process that loads it.

The environment tells the shape and the site (LOAD_SHAPE, LOAD_SITE), a key (LOAD_API_KEY) and where to write when the
users began to come (LOAD_BEGAN).
"""

import json
import os
import random
import time
from collections import deque
from pathlib import Path
from typing import Any

import locust.stats
from locust import FastHttpUser, LoadTestShape, between, events, task

from perf.load.shapes import Shape, Stage
from perf.load.verdicts import REFUSED, fault, is_refused

API = "/api/v1"
PAGES = 2000
"""Of the site, so many different ones are asked for."""
REMEMBERED_JOBS = 100
ACCEPTED = 202
OK = 200

locust.stats.CSV_STATS_FLUSH_INTERVAL_SEC = 1


def _told() -> Shape:
    told = json.loads(os.environ["LOAD_SHAPE"])
    return Shape(stages=tuple(Stage(**stage) for stage in told["stages"]), rate=told["rate"])


@events.test_start.add_listener  # type: ignore[untyped-decorator]
def _tell_the_beginning(**_: Any) -> None:
    Path(os.environ["LOAD_BEGAN"]).write_text(str(time.time()))


@events.quit.add_listener  # type: ignore[untyped-decorator]
def _write_the_end(**_: Any) -> None:
    """The tables are written each second: once more after the last user is gone."""
    time.sleep(locust.stats.CSV_STATS_INTERVAL_SEC * 1.5)


class AsTold(LoadTestShape):
    """Asks for the users of this very second, so that a slow start is never behind for long."""

    shape = _told()

    def tick(self) -> tuple[int, float] | None:
        users = self.shape.users_at(self.get_run_time())  # type: ignore[no-untyped-call]
        return None if users is None else (users, max(self.shape.rate, 1.0))


class Visitor(FastHttpUser):
    """Knows the jobs it submitted last."""

    abstract = True

    def __init__(self, environment: Any) -> None:
        super().__init__(environment)
        key = os.environ.get("LOAD_API_KEY")
        self._headers = {"X-API-Key": key} if key else {}
        self._jobs: deque[str] = deque(maxlen=REMEMBERED_JOBS)

    def put_one_more(self) -> None:
        page = f"{os.environ['LOAD_SITE']}/page/{random.randrange(PAGES)}"
        self.ask("submit", "POST", f"{API}/scrape", expected=ACCEPTED, body={"url": page, "tags": ["load"]})

    def look_after_one(self) -> None:
        if self._jobs:
            self.ask("status", "GET", f"{API}/scrape/{random.choice(self._jobs)}")

    def ask(self, name: str, method: str, path: str, *, expected: int = OK, body: dict[str, Any] | None = None) -> None:
        with self.client.request(
            method, path, name=name, json=body, headers=self._headers, catch_response=True
        ) as answer:
            if is_refused(answer.status_code, answer.headers and answer.headers.get("Retry-After")):
                answer.request_meta["name"] = name + REFUSED
                answer.success()
            elif found := fault(answer.status_code, expected=expected, error=answer.request_meta["exception"]):
                answer.failure(found)
            elif expected == ACCEPTED:
                self._jobs.append(answer.json()["job_id"])
                with Path(os.environ["LOAD_JOBS"]).open("a") as acknowledged:
                    acknowledged.write(f"{self._jobs[-1]}\n")


class Submitter(Visitor):
    """Submits jobs, and looks after them."""

    wait_time = between(1, 5)

    def on_start(self) -> None:
        """Whoever asks for a job's status has one."""
        self.put_one_more()

    @task(3)
    def submit(self) -> None:
        self.put_one_more()

    @task(2)
    def status(self) -> None:
        self.look_after_one()

    @task
    def list_jobs(self) -> None:
        self.ask("list", "GET", f"{API}/jobs?page_size=20&status=completed")

    @task
    def search(self) -> None:
        self.ask("search", "POST", f"{API}/jobs/search", body={"tags": ["load"], "page_size": 20})

    @task
    def health(self) -> None:
        self.ask("health", "GET", f"{API}/health")

    @task
    def metrics(self) -> None:
        self.ask("metrics", "GET", "/metrics")


class Light(Submitter):
    """The same, seldom."""

    wait_time = between(5, 15)
    weight = 3


class Heavy(Submitter):
    """The same, often."""

    wait_time = between(0.5, 2)
    weight = 1


class Burst(Visitor):
    """Comes now and then, with many jobs at once."""

    wait_time = between(10, 30)

    @task
    def burst(self) -> None:
        for _ in range(random.randint(5, 15)):
            self.put_one_more()
