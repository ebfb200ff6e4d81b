"""Hears from the other processes on the same store, and tells them what came here."""

from collections.abc import Iterable

from engine.jobs.ledger import Ledger
from engine.jobs.ports import Bell
from engine.runtime import Actor


class Listener(Actor):
    """A fetch whose job somebody cancelled elsewhere is aborted."""

    def __init__(self, *, bell: Bell, ledger: Ledger) -> None:
        self._bell = bell
        self._ledger = ledger

    async def run(self) -> None:
        await self._bell.attend(held=lambda: tuple(self._ledger), ended=self._ended)

    def _ended(self, job_ids: Iterable[str]) -> None:
        for job_id in job_ids:
            self._ledger.abort(job_id, "the job was cancelled")
