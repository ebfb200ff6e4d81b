"""The daemon, but that the first fetch of a URL with `clumsy` in it crashes, and nothing can be explained.

`python -m tests.flow.clumsy serve`"""

from typing import Any
from unittest.mock import patch

from actors.__main__ import main
from engine.fetch.client import Client
from engine.jobs.outcome import Outcome
from engine.jobs.ports import Credit, Sink
from engine.jobs.request import Request

CRASHED: set[str] = set()


class ClumsyClient(Client):
    async def __call__(self, request: Request, *, timeout_s: float, sink: Sink, credit: Credit) -> Outcome:
        if "clumsy" in request.url and request.url not in CRASHED:
            CRASHED.add(request.url)
            raise ZeroDivisionError(request.url)
        return await super().__call__(request, timeout_s=timeout_s, sink=sink, credit=credit)


async def inexplicable(*_: Any) -> None:
    raise ZeroDivisionError("nobody knows why")


if __name__ == "__main__":
    with (
        patch("actors.web.Client", ClumsyClient),
        patch("engine.storage.sqlite.store.SqliteStore.explain", inexplicable),
    ):
        main()
