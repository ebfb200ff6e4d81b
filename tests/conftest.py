"""What all tests share: nobody leaves a task behind, and how to wait for what will come."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

_LEAVE_S = 0.1


@pytest.fixture(autouse=True)
def no_task_is_left(request: pytest.FixtureRequest) -> None:
    if request.node.get_closest_marker("asyncio") is not None:
        request.getfixturevalue("_no_task_is_left")


@pytest.fixture
async def _no_task_is_left() -> AsyncIterator[None]:
    yield
    left = asyncio.all_tasks() - {asyncio.current_task()}
    if left:  # a task that was just told to end may take a few turns
        _, left = await asyncio.wait(left, timeout=_LEAVE_S)
    assert not left, f"tasks were left running: {sorted(task.get_name() for task in left)}"


async def eventually(condition: Callable[[], object], *, within_s: float = 5.0) -> None:
    """Wait until the condition holds; fail if it does not in time."""
    loop = asyncio.get_running_loop()
    ends_at = loop.time() + within_s
    while not condition():
        assert loop.time() < ends_at, f"it did not come true within {within_s} s"
        await asyncio.sleep(0.005)
