"""Tells the log what the kernel shows: who crashed and why, who comes back, who did not stop; what came too
late, and what is done about memory.

Starts and orderly stops are told at debug; waiting times are for the metrics.
"""

from collections.abc import Sequence

from structlog.typing import FilteringBoundLogger

from engine.jobs.query import Settled
from engine.jobs.verdict import Settlement
from engine.runtime import (
    ActorCrashed,
    ActorCut,
    ActorRestarting,
    ActorStarted,
    ActorStopped,
    ActorStuck,
    DrainBegan,
    Event,
    FellBack,
    GiveBackFailed,
    SupervisorGaveUp,
)

NAMED = 8
"""Jobs in one line, at most."""


class Chronicle:
    """An observer and a witness that writes."""

    def __init__(self, *, log: FilteringBoundLogger) -> None:
        self._log = log

    def saw(self, event: Event) -> None:
        match event:
            case ActorCrashed(name=name, error=error):
                self._log.error("actor.crashed", actor=name, exc_info=error)
            case ActorRestarting(name=name, delay_s=delay_s, restarts=restarts):
                self._log.warning("actor.restarting", actor=name, delay_s=round(delay_s, 3), restarts=restarts)
            case ActorCut(name=name):
                self._log.warning("actor.cut", actor=name)
            case ActorStuck(name=name):
                self._log.error("actor.stuck", actor=name)
            case GiveBackFailed(name=name, error=error):
                self._log.error("actor.give_back_failed", actor=name, exc_info=error)
            case SupervisorGaveUp(name=name, error=error):
                self._log.error("supervisor.gave_up", supervisor=name, error=repr(error))
            case FellBack(why=why, was=was, width=width):
                self._log.warning("fetches.fell_back", why=why, was=was, width=width)
            case _:
                self._saw_in_order(event)

    def _saw_in_order(self, event: Event) -> None:
        match event:
            case ActorStarted(name=name):
                self._log.debug("actor.started", actor=name)
            case ActorStopped(name=name):
                self._log.debug("actor.stopped", actor=name)
            case DrainBegan(name=name):
                self._log.debug("supervisor.draining", supervisor=name)
            case _:
                pass

    async def settled(self, settlements: Sequence[Settlement], ends: Sequence[Settled]) -> None:
        """Once a batch: a fence no longer held, because the job was cancelled or is somebody else's.

        Or the database refuses a value, even where the job fails for it.
        """
        if all(end.accepted for end in ends):
            return
        refused = [each.lease.job_id for each, end in zip(settlements, ends, strict=True) if not end.accepted]
        self._log.warning("settle.refused", outcomes=len(refused), job_ids=refused[:NAMED])

    def memory_step(self, name: str, *, is_undone: bool, **numbers: float | None) -> None:
        """One step of the ladder."""
        if is_undone:
            self._log.info("memory.step_undone", step=name, **numbers)
        else:
            self._log.warning("memory.step", step=name, **numbers)

    def memory_given_back(self, **numbers: float | None) -> None:
        self._log.info("memory.given_back", **numbers)
