"""The kernel's tests run in virtual time, except those about threads."""

import asyncio
import gc
from asyncio import AbstractEventLoop
from collections.abc import AsyncIterator, Callable, Mapping

import pytest
import uvloop

from tests.engine.runtime.witness import Witness
from tests.virtual_time import VirtualTimeLoop


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], AbstractEventLoop]]:
    if item.path.name == "test_threads.py":
        return {"uvloop": uvloop.new_event_loop}
    return {"virtual": VirtualTimeLoop}


@pytest.fixture
def witness() -> Witness:
    return Witness()


@pytest.fixture
async def complaints() -> AsyncIterator[list[str]]:
    """What the loop had to say about errors nobody looked at; to be empty at the end."""
    heard: list[str] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: heard.append(str(context["message"])))
    yield heard
    gc.collect()
    assert heard == []
