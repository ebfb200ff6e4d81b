"""Stores on nothing, one after the other."""

from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from engine.jobs.outcome import ErrorType
from engine.jobs.ports import JobStore
from tests.contracts.stores import STORES, Hand

TTL_S = 60.0


@pytest.fixture
def hand() -> Hand:
    return Hand()


@pytest.fixture
def ends() -> Counter[ErrorType]:
    """All that the store has told of so far."""
    return Counter()


@pytest.fixture(params=STORES)
async def store(
    request: pytest.FixtureRequest, tmp_path: Path, hand: Hand, ends: Counter[ErrorType]
) -> AsyncIterator[JobStore]:
    async with STORES[request.param](tmp_path, hand, ended=ends.update) as opened:
        yield opened


@pytest.fixture(params=STORES)
async def forgetful(request: pytest.FixtureRequest, tmp_path: Path, hand: Hand) -> AsyncIterator[JobStore]:
    """Keeps results for TTL_S."""
    async with STORES[request.param](tmp_path, hand, result_ttl_s=TTL_S) as opened:
        yield opened
