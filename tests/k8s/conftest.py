"""The servers that tests of the boards stand on."""

from collections.abc import Iterator

import pytest

from tests.servers.valkey import Valkey, valkey


@pytest.fixture
def redis() -> Iterator[Valkey]:
    with valkey() as server:
        yield server
