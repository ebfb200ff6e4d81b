from collections.abc import AsyncIterator

import pytest

from tests.engine.cache.pages.scene import Scene, opened


@pytest.fixture
async def scene() -> AsyncIterator[Scene]:
    async with opened() as found:
        yield found
