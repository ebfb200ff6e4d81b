"""The driver is to be seen on the loop that production runs on."""

from asyncio import AbstractEventLoop
from collections.abc import Callable, Iterator, Mapping

import pytest
import uvloop

from tests.servers.valkey import Valkey, valkey


def pytest_asyncio_loop_factories(item: pytest.Item) -> Mapping[str, Callable[[], AbstractEventLoop]]:  # noqa: ARG001 - a hook
    return {"uvloop": uvloop.new_event_loop}


@pytest.fixture
def server() -> Iterator[Valkey]:
    """To be killed."""
    with valkey() as running:
        yield running
