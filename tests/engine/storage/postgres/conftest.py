"""A clock for each test."""

import pytest

from tests.contracts.stores import Hand


@pytest.fixture
def hand() -> Hand:
    return Hand()
