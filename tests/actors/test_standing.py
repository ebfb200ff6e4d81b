"""How the process stands while actors come and go."""

import asyncio

from actors.daemon import Standing
from engine.runtime import Closing
from tests.engine.runtime.troupe import Troupe, a_policy, a_supervisor, drained, started


async def test_one_that_is_soon_back_leaves_the_service_ready_and_one_that_is_not_is_named() -> None:
    troupe, standing = Troupe(), Standing(name="test", closing=Closing())
    standing.root = root = a_supervisor(troupe.children("ab"), policy=a_policy(delay_s=30))
    running = await started(root)
    await troupe.crash("a")
    assert standing.readiness() == (True, "")
    await asyncio.sleep(2)
    assert standing.readiness() == (False, "not running: a")
    await asyncio.sleep(30)
    assert standing.readiness() == (True, "")
    await drained(root, running)
    assert standing.readiness() == (False, "the service is stopping")
