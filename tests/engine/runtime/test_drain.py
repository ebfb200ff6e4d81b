"""Stopping: graces, cuts, hurry, and who is named."""

import asyncio

import pytest

from engine.runtime import (
    Actor,
    ActorCut,
    ActorStuck,
    Child,
    DrainBegan,
    Escalated,
    State,
    StopReport,
    Strategy,
    SupervisorGaveUp,
)
from engine.runtime.strategy import ALONE
from tests.engine.runtime.troupe import Player, Troupe, a_policy, a_supervisor, drained, settle, started
from tests.engine.runtime.witness import Witness


def now() -> float:
    return round(asyncio.get_running_loop().time(), 1)


async def test_one_that_does_not_stop_in_its_grace_is_cut_given_back_and_named(witness: Witness) -> None:
    troupe = Troupe()
    slow = troupe.child("b", stop=Player.ignore, grace_s=7, on_loss=Player.lose)
    root = a_supervisor([troupe.child("a"), slow], observer=witness)
    running = await started(root)
    troupe.so_far()
    report = await drained(root, running)
    assert troupe.so_far() == ["b told", "b ends", "b cut", "a ends"]
    assert now() == 7
    assert report == StopReport(cut=("b",))
    assert witness.of(ActorCut) == [ActorCut(name="b")]


async def test_a_drain_is_told_once_and_before_anybody_is_stopped(witness: Witness) -> None:
    troupe = Troupe()
    heard: list[list[str]] = []
    witness.saw = lambda event: heard.append(troupe.so_far()) if isinstance(event, DrainBegan) else None  # type: ignore[method-assign]
    root = a_supervisor([troupe.child("a")], observer=witness)
    running = await started(root)
    await drained(root, running)
    await root.drain()
    assert heard == [["a starts"]]


async def test_one_that_runs_on_when_cancelled_is_named_as_stuck_and_the_others_stop(witness: Witness) -> None:
    troupe = Troupe()
    root = a_supervisor([troupe.child("a"), troupe.child("b", is_deaf=True, stop=None)], observer=witness)
    running = await started(root)
    report = await drained(root, running)
    assert report == StopReport(stuck=("b",))
    assert witness.of(ActorStuck) == [ActorStuck(name="b")]
    assert [node.state for node in root.tree().children] == [State.DONE, State.STUCK]
    await troupe.end("b")


async def test_without_a_word_to_stop_it_a_child_is_cancelled_and_has_its_grace_to_clean_up() -> None:
    troupe = Troupe()
    root = a_supervisor([troupe.child("a", stop=None, on_loss=Player.lose)])
    running = await started(root)
    assert await drained(root, running) == StopReport()
    assert troupe.so_far() == ["a starts", "a ends", "a cut"]
    assert now() == 0


async def test_a_stop_that_raises_is_answered_by_cancelling() -> None:
    def refuse(_: Player) -> None:
        raise LookupError

    troupe = Troupe()
    root = a_supervisor([troupe.child("a"), troupe.child("b", stop=refuse)])
    running = await started(root)
    assert await drained(root, running) == StopReport()
    assert troupe.so_far()[2:] == ["b ends", "a ends"]


@pytest.mark.parametrize("is_before", [False, True])
async def test_hurry_cuts_all_graces_short_also_below(*, is_before: bool) -> None:
    troupe = Troupe()
    slow = [troupe.child(name, stop=Player.ignore, grace_s=1000) for name in "abc"]
    inner = Child(name="inner", build=lambda: a_supervisor(slow[1:], name="inner"))
    root = a_supervisor([slow[0], inner])
    running = await started(root)
    asyncio.get_running_loop().call_later(0 if is_before else 5, root.hurry)
    await settle()
    assert await drained(root, running) == StopReport(cut=("c", "b", "a"))
    assert now() == (0.1 if is_before else 5.0)


async def test_a_drain_asked_twice_is_done_once_and_survives_the_one_who_asked() -> None:
    troupe = Troupe()
    root = a_supervisor([troupe.child("a", stop=Player.ignore, grace_s=3)])
    running = await started(root)
    first = asyncio.create_task(root.drain())
    await asyncio.sleep(1)
    first.cancel()
    assert await root.drain() == StopReport(cut=("a",))
    assert troupe.diary.count("a told") == 1
    await running


async def test_cancelling_a_supervisor_stops_its_children_in_reverse() -> None:
    troupe = Troupe()
    inner = Child(name="inner", build=lambda: a_supervisor(troupe.children("bc"), name="inner"))
    root = a_supervisor([troupe.child("a"), inner])
    running = await started(root)
    troupe.so_far()
    running.cancel()
    await asyncio.wait((running,))
    assert running.cancelled()
    assert troupe.so_far() == ["c ends", "b ends", "a ends"]


async def test_a_drain_ends_the_wait_for_a_restart() -> None:
    troupe = Troupe()
    root = a_supervisor(troupe.children("ab"), policy=a_policy(delay_s=500), strategy=Strategy.ONE_FOR_ALL)
    running = await started(root)
    await troupe.crash("a")
    await asyncio.sleep(1)
    await drained(root, running)
    assert now() == 1
    assert troupe.diary.count("a starts") == 1
    assert [node.state for node in root.tree().children] == [State.DONE, State.DONE]


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_after_a_drain_nobody_is_started_though_all_crash_again_as_they_are_restarted(strategy: Strategy) -> None:
    built: list[float] = []

    class Crashing(Actor):
        async def run(self) -> None:
            built.append(now())
            raise ZeroDivisionError

    children = [Child(name=name, build=Crashing) for name in "abc"]
    root = a_supervisor(children, strategy=strategy, policy=a_policy(max_restarts=50, delay_s=30))
    running = await started(root)
    await asyncio.sleep(31)
    assert max(built) >= 30
    await drained(root, running)
    before = len(built)
    await asyncio.sleep(100)
    assert len(built) == before


async def test_a_crash_during_the_drain_is_no_reason_to_restart() -> None:
    troupe = Troupe()
    root = a_supervisor([troupe.child("a", on_loss=Player.lose), troupe.child("b", stop=Player.ignore, grace_s=9)])
    running = await started(root)
    draining = asyncio.create_task(root.drain())
    await asyncio.sleep(1)
    await troupe.crash("a")
    await troupe.crash("b")
    assert await draining == StopReport()
    await running
    assert troupe.diary == ["a starts", "b starts", "b told", "a ends", "b ends", "a lost"]


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_who_is_needed_at_a_drain_and_is_dead_is_started_at_once_and_stopped_in_its_turn(
    strategy: Strategy,
) -> None:
    troupe = Troupe()
    needed = troupe.child("a", on_loss=Player.lose, is_needed_at_drains=True)
    slow = troupe.child("b", stop=Player.ignore, grace_s=7)
    root = a_supervisor([needed, slow], policy=a_policy(delay_s=500), strategy=strategy)
    running = await started(root)
    await troupe.crash("a")
    await asyncio.sleep(1)
    troupe.so_far()
    draining = asyncio.create_task(root.drain())
    await settle()
    assert "a starts" in troupe.diary
    await draining
    await running
    assert [troupe.diary.count(line) for line in ("a starts", "a ends", "b starts")] == [1, 1, 0]
    assert now() == (1 if strategy not in ALONE else 8)


@pytest.mark.parametrize("strategy", [Strategy.ONE_FOR_ONE, Strategy.REST_FOR_ONE, Strategy.ONE_FOR_ALL])
async def test_who_is_needed_and_dies_during_the_drain_comes_back_and_is_not_waited_for_in_its_turn(
    strategy: Strategy,
) -> None:
    troupe = Troupe()
    slow = troupe.child("c", stop=Player.ignore, grace_s=7)
    root = a_supervisor(
        [troupe.child("a", is_needed_at_drains=True), troupe.child("b"), slow],
        policy=a_policy(2, delay_s=4),
        strategy=strategy,
    )
    running = await started(root)
    draining = asyncio.create_task(root.drain())
    await asyncio.sleep(1)
    await troupe.crash("a", "b")
    await asyncio.sleep(5)
    assert troupe.diary.count("a starts") == 2
    await troupe.crash("a")
    await draining
    await running
    assert now() == 7
    assert [troupe.diary.count(f"{name} starts") for name in "abc"] == [3, 1, 1]
    assert troupe.diary[-2:] == ["a starts", "a ends"]


async def test_one_that_crashes_too_often_during_a_drain_tries_once_more_in_its_turn(witness: Witness) -> None:
    troupe = Troupe()
    needed = troupe.child("a", stop=Player.ignore, grace_s=2, is_needed_at_drains=True)
    slow = troupe.child("b", stop=Player.ignore, grace_s=7)
    root = a_supervisor([needed, slow], policy=a_policy(0), observer=witness)
    running = await started(root)
    draining = asyncio.create_task(root.drain())
    await asyncio.sleep(1)
    await troupe.crash("a")
    assert await draining == StopReport(cut=("b", "a"))
    with pytest.raises(Escalated):
        await running
    assert troupe.diary[-4:] == ["b ends", "a starts", "a told", "a ends"]
    assert (now(), len(witness.of(SupervisorGaveUp))) == (9, 1)


async def test_who_is_needed_and_crashes_when_told_to_finish_is_told_again_once() -> None:
    def breaks(player: Player) -> None:
        player.ignore()
        player.end(LookupError())

    troupe = Troupe()
    root = a_supervisor([troupe.child("a", stop=breaks, on_loss=Player.lose, is_needed_at_drains=True)])
    running = await started(root)
    assert await drained(root, running) == StopReport()
    a_life = ["a starts", "a told", "a ends", "a lost"]
    assert troupe.so_far() == [*a_life, *a_life]


async def test_who_is_dead_and_needed_at_drains_is_not_where_all_are_to_be_started_again() -> None:
    troupe, policy = Troupe(), a_policy(1, delay_s=9)
    below = [troupe.child("a", is_needed_at_drains=True), troupe.child("b"), troupe.child("c", is_deaf=True)]
    inner = Child(name="inner", build=lambda: a_supervisor(below, name="inner", policy=policy))
    root = a_supervisor([inner])
    running = await started(root)
    await troupe.crash("b")
    await asyncio.sleep(8)
    await troupe.crash("a")
    await asyncio.sleep(2)
    await troupe.crash("b")
    await asyncio.sleep(3)
    await troupe.end("c")
    await settle()
    assert [node.state for node in root.tree().children] == [State.WAITING]
    assert [troupe.diary.count(f"{name} starts") for name in "abc"] == [1, 2, 1]
    await drained(root, running)


async def test_a_stuck_member_of_a_group_makes_the_supervisor_give_up() -> None:
    troupe = Troupe()
    deaf = troupe.child("b", is_deaf=True, stop=None, grace_s=1)
    root = a_supervisor([troupe.child("a"), deaf], strategy=Strategy.ONE_FOR_ALL)
    running = await started(root)
    await troupe.crash("a")
    with pytest.raises(Escalated):
        await running
    assert troupe.diary.count("b starts") == 1
    await troupe.end("b")


async def test_so_does_one_below_a_branch_that_gives_up() -> None:
    troupe = Troupe()
    pool = [troupe.child("a"), troupe.child("b", is_deaf=True, grace_s=1)]
    inner = Child(name="inner", build=lambda: a_supervisor(pool, name="inner", policy=a_policy(0)))
    root = a_supervisor([inner, troupe.child("c")])
    running = await started(root)
    await troupe.crash("a")
    with pytest.raises(Escalated, match="root"):
        await running
    assert [troupe.diary.count(f"{name} starts") for name in "abc"] == [1, 1, 1]
    await troupe.end("b")


async def test_a_pool_stops_together_within_one_grace(witness: Witness) -> None:
    troupe = Troupe()
    slow = [troupe.child(name, stop=Player.ignore, grace_s=7, on_loss=Player.lose) for name in "abc"]
    root = a_supervisor(slow, strategy=Strategy.POOL, observer=witness)
    running = await started(root)
    report = await drained(root, running)
    assert sorted(report.cut) == ["a", "b", "c"]
    assert now() == 7
