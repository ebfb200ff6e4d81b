"""The daemon, but that some of each page stays.

`python -m tests.flow.leaky serve`"""

from typing import Any
from unittest.mock import patch

from actors.__main__ import main
from engine.fetch.client import Client
from engine.jobs.outcome import Outcome

LEAKED_BYTES = 100_000
LEAKED: list[bytes] = []


def leak() -> None:
    LEAKED.append(bytes(LEAKED_BYTES))


LINE = leak.__code__.co_firstlineno + 1


class LeakyClient(Client):
    async def __call__(self, *args: Any, **told: Any) -> Outcome:
        leak()
        return await super().__call__(*args, **told)


if __name__ == "__main__":
    with patch("actors.web.Client", LeakyClient):
        main()
