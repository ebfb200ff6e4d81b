"""A lease as its process holds it, with all that hangs on it until it leaves."""

from collections.abc import Callable

from engine.jobs.lease import Lease
from engine.jobs.ports import Allowance


class Holding:
    """Of the ledger; who has the lease in hand writes into it what is its to say."""

    __slots__ = ("abort", "allowance", "is_held", "is_sent", "kind", "lease", "place")

    def __init__(self, lease: Lease) -> None:
        self.lease = lease
        self.is_held = True
        """False once it is aborted, cast off or has left: it is no longer ours."""
        self.abort: Callable[[str], None] | None = None
        """Ends its fetch for a reason, while it is fetched."""
        self.allowance: Allowance | None = None
        """The memory that its fetch may use; whoever aborts it, that is in use until it leaves."""
        self.kind = ("", "", False)
        """What is learnt of its memory counts for others of that kind (engine.memory.estimates)."""
        self.place = 0
        """Where the journal notes its fetch."""
        self.is_sent = False
        """Is its fetch over, and noted still, for it must not be sent again?"""
