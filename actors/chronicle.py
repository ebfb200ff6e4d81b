"""Tells the log what the kernel shows: who crashed and why, who comes back, who did not stop.

Starts and orderly stops are told at debug; waiting times are for the metrics.
"""

from structlog.typing import FilteringBoundLogger

from engine.runtime import (
    ActorCrashed,
    ActorCut,
    ActorRestarting,
    ActorStarted,
    ActorStopped,
    ActorStuck,
    DrainBegan,
    Event,
    GiveBackFailed,
    SupervisorGaveUp,
)


class Chronicle:
    """An observer that writes."""

    def __init__(self, *, log: FilteringBoundLogger) -> None:
        self._log = log

    def saw(self, event: Event) -> None:
        match event:
            case ActorStarted(name=name):
                self._log.debug("actor.started", actor=name)
            case ActorStopped(name=name):
                self._log.debug("actor.stopped", actor=name)
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
            case DrainBegan(name=name):
                self._log.debug("supervisor.draining", supervisor=name)
            case _:
                pass
