"""The instruments of a simulated system: what happens goes to the trace, and settled pages to a rate."""

from collections.abc import Callable, Sequence
from typing import Any

from engine.jobs.backlog import Backlog, Worker
from engine.jobs.query import QueueFigures, Settled
from engine.jobs.verdict import Settlement
from engine.metrics.rate import Rate
from engine.runtime import ActorCrashed, Event, GiveBackFailed, Mailbox, MailboxWaited, SupervisorGaveUp


class Eye:
    def __init__(self, *, clock: Callable[[], float], tell: Callable[..., None]) -> None:
        self._rate = Rate(clock=clock)
        self._tell = tell
        self.gave_up: BaseException | None = None

    def rate(self) -> float:
        return self._rate.per_second() or 0.0

    async def settled(self, settlements: Sequence[Settlement], ends: Sequence[Settled]) -> None:
        self._rate.add(len(settlements))
        self._tell("settled", *(f"{s.lease.job_id}:{e.accepted}" for s, e in zip(settlements, ends, strict=True)))

    def saw(self, event: Event) -> None:
        match event:
            case MailboxWaited():
                return
            case ActorCrashed(name=name, error=error) | GiveBackFailed(name=name, error=error):
                self._tell(type(event).__name__, name, type(error).__name__)
            case SupervisorGaveUp(name=name, error=error):
                self.gave_up = error
                self._tell("gave up", name, type(error).__name__)
            case _:
                self._tell(type(event).__name__, event.name)

    def show_queue(self, figures: QueueFigures) -> None:
        self._tell("queue", figures.due, figures.delayed, figures.running)

    def show_backlog(self, backlog: Backlog) -> None:
        self._tell("backlog", backlog.eligible, backlog.per_second)

    def worker(self, owner: str) -> Worker | None:
        return Worker(owner=owner, slots=1, per_second=self.rate(), per_slot=None)

    def watch_mailbox(self, mailbox: Mailbox[Any]) -> None:
        pass

    def show_lag(self, seconds: float) -> None:
        pass

    def show_process(self) -> None:
        pass

    def show_width(self, width: int) -> None:
        pass
