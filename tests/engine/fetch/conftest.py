"""Connections are to be seen on the loop that production runs on, and on Python's own."""

from asyncio import AbstractEventLoop, new_event_loop
from collections.abc import Callable, Mapping

import pytest
import uvloop


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], AbstractEventLoop]]:  # noqa: ARG001 - a hook
    return {"uvloop": uvloop.new_event_loop, "asyncio": new_event_loop}
