"""How late the loop is."""

import asyncio


async def lag_s() -> float:
    """How long the loop takes to come back to who only yields."""
    loop = asyncio.get_running_loop()
    asked_at = loop.time()
    await asyncio.sleep(0)
    return loop.time() - asked_at
