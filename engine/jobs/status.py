"""The states of a job, and which may follow which."""

from enum import StrEnum


class Status(StrEnum):
    """Where a job stands. A retry and a `run_at` job are QUEUED with a `due_at`: scheduled."""

    QUEUED = "queued"
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        return self in FINAL

    @property
    def may_start_anew(self) -> bool:
        return self in REDRIVEN

    def may_become(self, other: "Status") -> bool:
        return other in MOVES[self]


FINAL = frozenset({Status.COMPLETED, Status.FAILED, Status.CANCELLED})

REDRIVEN = (Status.FAILED, Status.CANCELLED)
"""What a redrive leads out of; nothing else leads out of a final state."""

MOVES: dict[Status, frozenset[Status]] = {
    Status.QUEUED: frozenset({Status.RUNNING, Status.CANCELLED}),
    Status.RUNNING: frozenset({Status.QUEUED, Status.COMPLETED, Status.FAILED, Status.CANCELLED}),
    Status.COMPLETED: frozenset(),
    Status.FAILED: frozenset(),
    Status.CANCELLED: frozenset(),
}
