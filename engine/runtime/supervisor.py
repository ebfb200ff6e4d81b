"""Keeps its children running, and ends them in order.

Children start in the order they are named in and stop in reverse, those of a pool together; a crash is answered by the
policy, by restarting or by giving up. A supervisor is an actor: supervisors nest.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from contextlib import nullcontext
from functools import partial
from random import Random
from typing import Any

from engine.runtime.branch import Branch, Node, State, StopReport
from engine.runtime.child import Child
from engine.runtime.errors import Escalated
from engine.runtime.events import ActorRestarting, DrainBegan, SupervisorGaveUp
from engine.runtime.observer import Observer, Unobserving
from engine.runtime.restart import RestartPolicy
from engine.runtime.strategy import ALONE, Strategy
from engine.runtime.ward import Ward


class Supervisor(Branch):
    """Run returns when all have returned, or after a drain.

    A root that gives up drains. One below takes its children down, for its parent starts another.

    Restarts are counted for all children together, but of those that stand alone (one_for_one) for each by itself: how
    often one may crash does not depend on how many others there are.
    """

    def __init__(
        self,
        *,
        name: str,
        children: Sequence[Child[Any]],
        strategy: Strategy,
        policy: RestartPolicy,
        random: Random,
        observer: Observer | None = None,
    ) -> None:
        self._name = name
        self._strategy = strategy
        self._policy = policy
        self._random = random
        self._observer = observer or Unobserving()
        self._wards = [Ward(child, self._observer, self._ended) for child in children]
        all_crashes = deque[float](maxlen=policy.max_restarts)
        is_each_alone = strategy is Strategy.ONE_FOR_ONE
        self._crashes = {
            ward: deque[float](maxlen=policy.max_restarts) if is_each_alone else all_crashes for ward in self._wards
        }
        self._repairs: dict[Ward, asyncio.Task[None]] = {}
        self._one_repair = asyncio.Lock()
        self._held: set[Ward] = set()
        self._cause: BaseException | None = None
        self._over = asyncio.Event()
        self._stopping: asyncio.Task[StopReport] | None = None

    async def run(self) -> None:
        """Escalated, from the error of the child, when the policy allows no more restarts."""
        self._start()
        try:
            await self._over.wait()
            if self._cause is not None:
                await self._escalate(self._cause)
        except asyncio.CancelledError:
            self.hurry()
            await self._leave()
            raise

    async def drain(self) -> StopReport:
        """Stop the children in reverse, each in its own way and within its grace; asked twice, it is done once."""
        return await self._stop(for_good=True)

    async def take_down(self) -> StopReport:
        """Cancel the children in reverse; asked along with a drain, what came first is done."""
        return await self._stop(for_good=False)

    def hurry(self) -> None:
        for ward in self._wards:
            ward.hurry()

    def tree(self, *, deep: bool = True) -> Node:
        return Node(name=self._name, state=self._state, children=tuple(ward.node(deep=deep) for ward in self._wards))

    @property
    def down_s(self) -> float:
        if any(not ward.down_s for ward in self._wards):
            return 0.0
        return min((ward.down_s for ward in self._wards), default=0.0)

    @property
    def _state(self) -> State:
        if self._over.is_set():
            return State.DONE
        return State.RUNNING if self._stopping is None else State.STOPPING

    def _start(self) -> None:
        if self._stopping is None:
            for ward in self._wards:
                ward.start()
            self._end_if_done()

    def _ended(self, ward: Ward) -> None:
        if ward in self._held:
            return  # whoever stops it knows what comes next
        if ward.error is None:
            self._end_if_done()
        else:
            self._crashed(ward, ward.error)

    def _end_if_done(self) -> None:
        if all(ward.state is State.DONE for ward in self._wards):
            self._over.set()

    def _crashed(self, ward: Ward, error: BaseException) -> None:
        now, crashes = asyncio.get_running_loop().time(), self._crashes[ward]
        delay_s = self._policy.delay(crashes, now=now, draw=self._random.random())
        crashes.append(now)
        if delay_s is None or (isinstance(error, Escalated) and error.is_stuck):
            self._give_up(error)
            return
        self._mend(ward, error, delay_s)

    def _mend(self, ward: Ward, error: BaseException, delay_s: float) -> None:
        if ward in self._repairs:
            return  # it waits for that of another, and mends what it finds then
        repair = asyncio.create_task(self._repair(ward, error, delay_s), name=f"{self._name}.repair")
        self._repairs[ward] = repair
        repair.add_done_callback(partial(self._repaired, ward))

    def _give_up(self, error: BaseException) -> None:
        if self._over.is_set():
            return
        self._observer.saw(SupervisorGaveUp(name=self._name, error=error))
        self._cause = error
        self._over.set()

    async def _repair(self, crashed: Ward, error: BaseException, delay_s: float) -> None:
        alone = self._strategy in ALONE or self._stopping is not None
        async with nullcontext() if alone else self._one_repair:
            if crashed.error is None:
                return  # an earlier repair has restarted it along with another
            affected = [crashed] if alone else self._strategy.affected(self._wards, crashed)
            group = [ward for ward in affected if ward.state is not State.DONE]
            await self._take_down(group)
            if any(ward.state is State.STUCK for ward in group):
                self._give_up(error)  # two of one kind at a time is worse than none
                return
            self._observer.saw(ActorRestarting(name=crashed.name, delay_s=delay_s, restarts=crashed.restarts + 1))
            await asyncio.sleep(delay_s)
            self._put_up(group)

    async def _take_down(self, group: list[Ward]) -> None:
        self._held.update(group)
        for ward in reversed(group):
            await ward.stop(for_good=False)
            await ward.loss.give_back()
        for ward in group:
            if ward.state is not State.STUCK:
                ward.await_start()

    def _put_up(self, group: list[Ward]) -> None:
        for ward in group:
            self._held.discard(ward)
            ward.restarts += 1
            ward.start()

    def _repaired(self, ward: Ward, repair: asyncio.Task[None]) -> None:
        if self._repairs.get(ward) is repair:
            del self._repairs[ward]
        error = None if repair.cancelled() else repair.exception()
        if error is not None:
            self._give_up(error)

    async def _escalate(self, cause: BaseException) -> None:
        report, escalated = await self._leave(), Escalated(self._name)
        escalated.is_stuck = bool(report.stuck)
        raise escalated from cause

    async def _leave(self) -> StopReport:
        return await (self.take_down() if self.is_nested else self.drain())

    async def _stop(self, *, for_good: bool) -> StopReport:
        if self._stopping is None:
            self._stopping = asyncio.create_task(self._stop_all(for_good=for_good), name=f"{self._name}.stop")
            if for_good:
                self._observer.saw(DrainBegan(name=self._name))
        return await asyncio.shield(self._stopping)

    async def _stop_all(self, *, for_good: bool) -> StopReport:
        await self._end_repairs(self._wards)
        self._held = {ward for ward in self._wards if not (for_good and ward.is_needed_at_drains)}
        for ward in self._wards:
            if ward not in self._held and ward not in self._repairs and ward.error is not None:
                self._mend(ward, ward.error, 0.0)
        last_first, retire = list(reversed(self._wards)), partial(self._retire, for_good=for_good)
        if self._strategy is Strategy.POOL:
            reports = await asyncio.gather(*map(retire, last_first))
        else:
            reports = [await retire(ward) for ward in last_first]
        self._over.set()
        return StopReport.of(reports)

    async def _retire(self, ward: Ward, *, for_good: bool) -> StopReport:
        await self._end_repairs([ward])
        self._held.add(ward)
        report = await ward.stop(for_good=for_good)
        if for_good and ward.is_needed_at_drains and ward.error is not None and not report.cut:
            await self._repair(ward, ward.error, 0.0)
            self._held.add(ward)
            report = await ward.stop(for_good=True)
        await ward.loss.give_back()
        ward.retire()
        return report

    async def _end_repairs(self, wards: Sequence[Ward]) -> None:
        repairs = [self._repairs[ward] for ward in wards if ward in self._repairs]
        for repair in repairs:
            repair.cancel()
        if repairs:
            await asyncio.wait(repairs)
