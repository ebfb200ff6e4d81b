import asyncio

import pytest

from engine.runtime import ticks


async def test_ticks_keep_to_their_grid_and_a_stall_is_made_up_for_by_no_burst() -> None:
    work = iter([0.5, 3.5, 0.0, 1.0, 0.0])
    seen = []
    loop = asyncio.get_running_loop()
    async for passed in ticks(1):
        seen.append((loop.time(), passed))
        took = next(work, None)
        if took is None:
            break
        await asyncio.sleep(took)
    assert seen == [(1, 1), (2, 1), (6, 4), (7, 1), (9, 2), (10, 1)]


def test_a_period_must_be_longer_than_nothing() -> None:
    with pytest.raises(ValueError, match="longer"):
        ticks(0)
