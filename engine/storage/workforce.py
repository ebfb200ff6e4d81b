"""Who works for a store that one process has for itself: what it told last."""

from collections.abc import Callable

from engine.jobs.backlog import STALE_S, Backlog, Worker, rate_of


class Workforce:
    """Who was not heard of for STALE_S is gone, but how fast a slot of it was is remembered."""

    def __init__(self, *, now: Callable[[], float]) -> None:
        self._now = now
        self._told: dict[str, tuple[float, Worker]] = {}
        self._last_per_slot: float | None = None

    def backlog(self, eligible: int, own: Worker | None) -> Backlog:
        if own is not None:
            self._told[own.owner] = (self._now(), own)
            self._last_per_slot = own.per_slot or self._last_per_slot
        fresh_at = self._now() - STALE_S
        self._told = {owner: told for owner, told in self._told.items() if told[0] > fresh_at}
        workers = [worker for _, worker in self._told.values()]
        return Backlog(eligible=eligible, per_second=rate_of(workers, last_per_slot=self._last_per_slot))
