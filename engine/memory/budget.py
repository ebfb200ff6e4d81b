"""What the parts of the process may hold of its memory, out of its limit and what it uses when it does nothing yet.

They come to less than where the ladder begins: a process within its budget is not held back.
"""

from dataclasses import dataclass

FETCHES_PART, INTAKE_PART, CACHES_PART = 0.35, 0.25, 0.15
"""Of what is left. The rest is for what is not counted: Python's own round every byte, and what the allocator keeps."""
LEAST_BYTES = 1024 * 1024
"""For fetches and for intake each, however small the limit: what is larger than all of it goes alone."""

CONNECTION_BYTES = 16 * 1024
"""One at rest holds 9 KB (measured, 3,000 of them); one whose request nobody reads yet up to 40."""
LEAST_CONNECTIONS, MOST_CONNECTIONS = 256, 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """In bytes; `fetches_bytes` of pages in flight, `intake_bytes` of what requests hold."""

    fetches_bytes: int
    intake_bytes: int
    caches_bytes: int

    @property
    def connections(self) -> int:
        """Of clients, at most."""
        return min(max(self.intake_bytes // CONNECTION_BYTES, LEAST_CONNECTIONS), MOST_CONNECTIONS)


def budget_of(*, limit_bytes: int, high: float, base_bytes: int, fetches_bytes: int | None = None) -> Budget:
    """`high` is the part of the limit at which the ladder begins. `fetches_bytes` is what was told: others get less."""
    left = max(int(limit_bytes * high) - base_bytes, 0)
    fetches = max(int(left * FETCHES_PART), LEAST_BYTES) if fetches_bytes is None else fetches_bytes
    others = max(left - fetches, 0)
    return Budget(
        fetches_bytes=fetches,
        intake_bytes=max(min(int(left * INTAKE_PART), others // 2), LEAST_BYTES),
        caches_bytes=min(int(left * CACHES_PART), others // 2),
    )
