"""The ledger of a torture: every job whose 202 came, and every end that was seen."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from perf.torture.errands import Errand

FINAL = frozenset({"completed", "failed", "cancelled"})


class Accounts:
    """It outlives every process under test."""

    def __init__(self) -> None:
        self.promised: dict[str, Errand] = {}
        self.unanswered = 0
        """Jobs whose submit nobody answered: they may be there or not."""
        self.changed: set[str] = set()
        """Jobs whose end was not the same when seen again."""
        self._ends: dict[str, tuple[str, str]] = {}
        self._ids: list[str] = []

    def asked(self, errands: Sequence[Errand]) -> None:
        self.unanswered += len(errands)

    def acknowledged(self, job_ids: Sequence[str], errands: Sequence[Errand]) -> None:
        self.unanswered -= len(errands)
        self.promised.update(zip(job_ids, errands, strict=True))
        self._ids.extend(job_ids)

    def any_job(self, random: Random) -> str | None:
        return random.choice(self._ids) if self._ids else None

    def saw(self, job: Mapping[str, Any]) -> None:
        """A job as the API shows it."""
        if job["status"] in FINAL:
            end = (job["status"], job["completed_at"])
            if self._ends.setdefault(job["job_id"], end) != end:
                self.changed.add(job["job_id"])

    def seen_ended(self) -> list[str]:
        return list(self._ends)
