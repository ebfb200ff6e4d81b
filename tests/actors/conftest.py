"""Actors on a stage run in virtual time; those who are killed at work, over threads and sockets, do not."""

from asyncio import AbstractEventLoop
from collections.abc import Callable, Mapping

import pytest
import uvloop

from tests.virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], AbstractEventLoop]]:
    if item.path.name in {"test_kills.py", "test_server.py", "test_sharing.py"}:
        return {"uvloop": uvloop.new_event_loop}
    return {"virtual": VirtualTimeLoop}
