"""How the process stands while actors come and go."""

import asyncio

from actors.daemon import Standing
from engine.runtime import Child, Closing, Strategy
from tests.engine.runtime.troupe import Troupe, a_policy, a_supervisor, drained, started

POLICY = a_policy(delay_s=30)


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


async def test_a_pool_of_which_nobody_is_back_is_named_and_one_of_which_somebody_is_is_not() -> None:
    troupe, standing = Troupe(), Standing(name="test", closing=Closing())
    pool = Child(name="pool", build=lambda: a_supervisor(troupe.children("ab"), strategy=Strategy.POOL, policy=POLICY))
    standing.root = root = a_supervisor([pool])
    running = await started(root)
    await troupe.crash("a")
    await asyncio.sleep(10)
    assert standing.readiness() == (True, "")
    await troupe.crash("b")
    await asyncio.sleep(10)
    assert standing.readiness() == (False, "not running: pool")
    await asyncio.sleep(11)
    assert standing.readiness() == (True, "")
    await drained(root, running)
