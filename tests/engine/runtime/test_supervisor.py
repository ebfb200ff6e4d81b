"""Starting, restarting and giving up."""

import asyncio

import pytest

from engine.runtime import (
    Actor,
    ActorCrashed,
    ActorRestarting,
    ActorStopped,
    Child,
    Escalated,
    GiveBackFailed,
    Node,
    State,
    StopReport,
    Strategy,
    SupervisorGaveUp,
)
from tests.engine.runtime.troupe import Player, Troupe, a_policy, a_supervisor, drained, settle, started
from tests.engine.runtime.witness import Witness


def now() -> float:
    return round(asyncio.get_running_loop().time(), 1)


async def test_children_start_in_order_and_stop_in_reverse() -> None:
    troupe = Troupe()
    root = a_supervisor(troupe.children("abc"))
    running = await started(root)
    assert troupe.so_far() == ["a starts", "b starts", "c starts"]
    report = await drained(root, running)
    assert troupe.so_far() == ["c ends", "b ends", "a ends"]
    assert not report.cut
    assert not report.stuck


@pytest.mark.parametrize(
    ("strategy", "then"),
    [
        (Strategy.ONE_FOR_ONE, ["b ends", "b starts"]),
        (Strategy.REST_FOR_ONE, ["b ends", "c ends", "b starts", "c starts"]),
        (Strategy.ONE_FOR_ALL, ["b ends", "c ends", "a ends", "a starts", "b starts", "c starts"]),
    ],
)
async def test_a_crash_restarts_whom_the_strategy_names(strategy: Strategy, then: list[str]) -> None:
    troupe = Troupe()
    root = a_supervisor(troupe.children("abc"), strategy=strategy)
    running = await started(root)
    troupe.so_far()
    await troupe.crash("b")
    await asyncio.sleep(1)
    assert troupe.so_far() == then
    await drained(root, running)


@pytest.mark.parametrize("strategy", list(Strategy))
async def test_crashes_at_the_same_moment_leave_everybody_running_once(strategy: Strategy) -> None:
    troupe = Troupe()
    root = a_supervisor(troupe.children("abc"), strategy=strategy)
    running = await started(root)
    await troupe.crash("a", "c")
    await asyncio.sleep(10)
    assert {node.state for node in root.tree().children} == {State.RUNNING}
    assert max(node.restarts for node in root.tree().children) == 1
    for name in "abc":
        assert troupe.diary.count(f"{name} starts") == troupe.diary.count(f"{name} ends") + 1
    await drained(root, running)


async def test_a_child_waits_for_its_delay_while_the_others_go_on(witness: Witness) -> None:
    troupe = Troupe()
    root = a_supervisor(troupe.children("ab"), policy=a_policy(delay_s=30), observer=witness)
    running = await started(root)
    await troupe.crash("a")
    await asyncio.sleep(1)
    await troupe.crash("b")
    assert [node.state for node in root.tree().children] == [State.WAITING, State.WAITING]
    await asyncio.sleep(29)
    assert [node.state for node in root.tree().children] == [State.RUNNING, State.WAITING]
    await asyncio.sleep(1)
    assert [node.restarts for node in root.tree().children] == [1, 1]
    restarts = [ActorRestarting(name=name, delay_s=30, restarts=1) for name in "ab"]
    assert witness.of(ActorRestarting) == restarts
    await drained(root, running)


async def test_a_child_that_returns_is_done_and_the_supervisor_returns_with_the_last(witness: Witness) -> None:
    troupe = Troupe()
    root = a_supervisor(troupe.children("ab"), strategy=Strategy.ONE_FOR_ALL, observer=witness)
    running = await started(root)
    await troupe.end("a")
    assert not running.done()
    await troupe.crash("b")
    await asyncio.sleep(5)
    await troupe.end("b")
    await running
    assert troupe.diary.count("a starts") == 1
    assert witness.of(ActorStopped) == [ActorStopped(name="a"), ActorStopped(name="b")]


@pytest.mark.parametrize(
    ("strategy", "then", "left"),
    [
        (Strategy.ONE_FOR_ONE, "a", ["c ends", "b ends"]),
        (Strategy.REST_FOR_ONE, "b", ["c ends", "a ends"]),
        (Strategy.ONE_FOR_ALL, "b", ["c ends", "a ends"]),
        (Strategy.POOL, "b", ["c ends", "a ends"]),
    ],
)
async def test_more_crashes_than_allowed_stop_the_others_and_escalate(
    witness: Witness, strategy: Strategy, then: str, left: list[str]
) -> None:
    troupe = Troupe()
    root = a_supervisor(troupe.children("abc"), strategy=strategy, policy=a_policy(1), observer=witness)
    running = await started(root)
    await troupe.crash("a")
    await asyncio.sleep(2)
    troupe.so_far()
    await troupe.crash(then)
    with pytest.raises(Escalated, match="root") as caught:
        await running
    assert str(caught.value.__cause__) == then
    assert troupe.so_far() == [f"{then} ends", *left]
    assert [event.name for event in witness.of(SupervisorGaveUp)] == ["root"]


async def test_the_tree_tells_for_how_long_a_child_is_down() -> None:
    troupe = Troupe()
    root = a_supervisor(troupe.children("ab"), policy=a_policy(delay_s=30))
    running = await started(root)
    await troupe.crash("a")
    await asyncio.sleep(10)
    assert [round(node.down_s) for node in root.tree().children] == [10, 0]
    await asyncio.sleep(21)
    assert [node.down_s for node in root.tree().children] == [0, 0]
    await drained(root, running)


async def test_crashes_of_others_use_up_no_restarts_of_one_that_stands_alone() -> None:
    troupe = Troupe()
    root = a_supervisor(troupe.children("abc"), policy=a_policy(1))
    running = await started(root)
    await troupe.crash("a", "b", "c")
    await asyncio.sleep(2)
    assert [(node.state, node.restarts) for node in root.tree().children] == [(State.RUNNING, 1)] * 3
    await drained(root, running)


async def test_a_crash_of_one_that_is_stopped_for_the_sake_of_another_does_not_count() -> None:
    class Breaking(Actor):
        async def run(self) -> None:
            try:
                await asyncio.sleep(1000)
            finally:
                raise LookupError("on the way out")

    troupe = Troupe()
    breaks = Child(name="b", build=Breaking)
    root = a_supervisor([troupe.child("a"), breaks], strategy=Strategy.ONE_FOR_ALL, policy=a_policy(1))
    running = await started(root)
    await troupe.crash("a")
    await asyncio.sleep(5)
    assert [node.restarts for node in root.tree().children] == [1, 1]
    await drained(root, running)


async def test_crashes_outside_the_window_are_forgiven() -> None:
    troupe = Troupe()
    root = a_supervisor(troupe.children("a"), policy=a_policy(1))
    running = await started(root)
    for _ in range(5):
        await troupe.crash("a")
        await asyncio.sleep(61)
    assert root.tree().children[0].restarts == 5
    await drained(root, running)


async def test_a_nested_supervisor_that_gives_up_is_rebuilt_by_its_parent() -> None:
    troupe = Troupe()
    inner = Child(
        name="inner",
        build=lambda: a_supervisor(troupe.children("ab"), name="inner", policy=a_policy(0)),
    )
    root = a_supervisor([inner, troupe.child("c")])
    running = await started(root)
    troupe.so_far()
    await troupe.crash("a")
    await asyncio.sleep(2)
    assert troupe.so_far() == ["a ends", "b ends", "a starts", "b starts"]
    assert root.tree() == Node(
        name="root",
        state=State.RUNNING,
        children=(
            Node(
                name="inner",
                state=State.RUNNING,
                restarts=1,
                children=(Node(name="a", state=State.RUNNING), Node(name="b", state=State.RUNNING)),
            ),
            Node(name="c", state=State.RUNNING),
        ),
    )
    await drained(root, running)
    assert troupe.so_far() == ["c ends", "b ends", "a ends"]


@pytest.mark.parametrize("strategy", [Strategy.REST_FOR_ONE, Strategy.ONE_FOR_ALL])
async def test_nobody_is_told_that_it_is_the_end_who_is_to_be_started_again(strategy: Strategy) -> None:
    troupe = Troupe()
    root = a_supervisor(troupe.children("ab", stop=Player.ignore, on_loss=Player.lose), strategy=strategy)
    running = await started(root)
    troupe.so_far()
    await troupe.crash("a")
    await asyncio.sleep(2)
    assert troupe.so_far() == ["a ends", "b ends", "b cut", "a lost", "a starts", "b starts"]
    await drained(root, running)
    assert troupe.so_far()[0] == "b told"


@pytest.mark.parametrize("is_killed", [False, True])
@pytest.mark.parametrize("strategy", list(Strategy))
async def test_nor_are_those_below_one_that_gives_up_or_dies(strategy: Strategy, *, is_killed: bool) -> None:
    troupe = Troupe()
    below = troupe.children("ab", stop=Player.ignore, on_loss=Player.lose)
    policy = a_policy(0)
    inner = Child(name="inner", build=lambda: a_supervisor(below, name="inner", strategy=strategy, policy=policy))
    root = a_supervisor([inner])
    running = await started(root)
    troupe.so_far()
    if is_killed:
        next(task for task in asyncio.all_tasks() if task.get_name() == "inner").cancel()
    else:
        await troupe.crash("a")
    await asyncio.sleep(2)
    ended = troupe.so_far()
    assert "b cut" in ended
    assert ("a cut" if is_killed else "a lost") in ended
    assert not {"a told", "b told"} & set(ended)
    assert ended[-2:] == ["a starts", "b starts"]
    await drained(root, running)
    assert {"a told", "b told"} <= set(troupe.so_far())


async def test_a_drain_that_meets_one_below_that_gives_up_ends_it_as_it_is() -> None:
    troupe = Troupe()
    slow = troupe.child("b", is_deaf=True, stop=None, grace_s=9)
    inner = Child(name="inner", build=lambda: a_supervisor([troupe.child("a"), slow], name="inner", policy=a_policy(0)))
    root = a_supervisor([inner])
    running = await started(root)
    await troupe.crash("a")
    draining = asyncio.create_task(root.drain())
    await asyncio.sleep(5)
    await troupe.end("b")
    assert await draining == StopReport()
    await running
    assert now() == 5
    assert troupe.so_far() == ["a starts", "b starts", "a ends", "b ends"]


async def test_a_child_that_cannot_be_built_has_crashed(witness: Witness) -> None:
    def build() -> Player:
        raise LookupError("no such thing")

    root = a_supervisor([Child(name="a", build=build)], policy=a_policy(2), observer=witness)
    with pytest.raises(Escalated):
        await root.run()
    assert [str(event.error) for event in witness.of(ActorCrashed)] == ["no such thing"] * 3


async def test_an_actor_that_says_it_was_cancelled_though_nobody_did_has_crashed(witness: Witness) -> None:
    class Pretender(Actor):
        async def run(self) -> None:
            raise asyncio.CancelledError

    root = a_supervisor([Child(name="a", build=Pretender)], policy=a_policy(0), observer=witness)
    with pytest.raises(Escalated) as caught:
        await root.run()
    assert isinstance(caught.value.__cause__, asyncio.CancelledError)


async def test_what_a_crashed_actor_had_in_hand_is_given_back_before_its_successor_is_built() -> None:
    troupe = Troupe()
    root = a_supervisor(troupe.children("a", on_loss=Player.lose), policy=a_policy(1))
    running = await started(root)
    await troupe.crash("a")
    await asyncio.sleep(1)
    assert troupe.so_far() == ["a starts", "a ends", "a lost", "a starts"]
    await troupe.crash("a")
    with pytest.raises(Escalated):
        await running
    assert troupe.so_far() == ["a ends", "a lost"]


@pytest.mark.parametrize("is_slow", [False, True])
async def test_a_failing_or_endless_give_back_holds_nobody_up(witness: Witness, *, is_slow: bool) -> None:
    async def give_back(*_: object) -> None:
        if not is_slow:
            raise LookupError
        await asyncio.sleep(1000)

    troupe = Troupe()
    root = a_supervisor([troupe.child("a", on_loss=give_back, grace_s=4)], observer=witness)
    running = await started(root)
    await troupe.crash("a")
    await asyncio.sleep(6)
    assert troupe.diary.count("a starts") == 2
    assert [type(event.error) for event in witness.of(GiveBackFailed)] == [TimeoutError if is_slow else LookupError]
    await drained(root, running)


async def test_a_drain_in_the_middle_of_a_give_back_lets_it_finish_once() -> None:
    losses: list[float] = []

    async def give_back(*_: object) -> None:
        await asyncio.sleep(2)
        losses.append(now())

    troupe = Troupe()
    root = a_supervisor([troupe.child("a", on_loss=give_back)])
    running = await started(root)
    await troupe.crash("a")
    await asyncio.sleep(1)
    await drained(root, running)
    assert losses == [2.0]
    assert troupe.diary == ["a starts", "a ends"]


async def test_a_supervisor_of_nobody_and_one_already_drained_return_at_once() -> None:
    await a_supervisor([]).run()
    troupe = Troupe()
    root = a_supervisor(troupe.children("a"))
    await root.drain()
    await root.run()
    await settle()
    assert troupe.diary == []
