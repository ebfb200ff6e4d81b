"""The daemon, but that to fetch a URL with `deadly` in it kills the process, and suspects come soon, as do lost leases.

`python -m tests.flow.deadly serve`"""

import os
import signal
from unittest.mock import patch

from actors.__main__ import main
from engine.fetch.client import Client
from engine.jobs.outcome import Outcome
from engine.jobs.pace import EAGER
from engine.jobs.ports import Credit, Sink
from engine.jobs.request import Request


class DeadlyClient(Client):
    async def __call__(self, request: Request, *, timeout_s: float, sink: Sink, credit: Credit) -> Outcome:
        if "deadly" in request.url:
            os.kill(os.getpid(), signal.SIGKILL)
        return await super().__call__(request, timeout_s=timeout_s, sink=sink, credit=credit)


if __name__ == "__main__":
    with (
        patch("actors.web.Client", DeadlyClient),
        patch("actors.database.UNHURRIED", EAGER),
        patch.multiple("engine.jobs.losses", PUT_OFF_S=0.1, STEP_S=0.01),
    ):
        main()
