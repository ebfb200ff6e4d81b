"""What becomes of a lease whose fetch came to no outcome: its job is queued again, or fails where that must not be."""

from collections import deque
from collections.abc import Awaitable, Callable, Sequence

from engine.jobs.lease import Lease
from engine.jobs.ledger import Ledger
from engine.jobs.outcome import ErrorType, Failure
from engine.jobs.ports import JobStore
from engine.jobs.query import Settled
from engine.jobs.verdict import Failed, Settlement

REMEMBERED = 1024
"""Jobs over which a fetcher has crashed, and jobs whose sites we kept waiting, remembered at most."""
PATIENT_TIMES = 3
"""How often a job is made again because we kept its site waiting, before that is an attempt like any other."""


Tell = Callable[[Sequence[Settlement], Sequence[Settled]], Awaitable[None]]


class Returns:
    """Remembers what it gave back, so that nothing goes round for ever."""

    def __init__(self, *, store: JobStore, ledger: Ledger, tell: Tell) -> None:
        """`tell` is told of a job that fails over it, as of all that are settled."""
        self._store = store
        self._tell = tell
        self._ledger = ledger
        self._crashers: deque[str] = deque(maxlen=REMEMBERED)
        self._kept_waiting: deque[str] = deque(maxlen=REMEMBERED)

    async def cut(self, lease: Lease, *, has_begun: bool) -> None:
        """By a drain, or as all fetchers start anew: no loss, unless it must not be sent again."""
        await self._store.give_back([lease], lost=has_begun and not lease.request.may_repeat)

    async def crashed(self, lease: Lease) -> None:
        """A page may crash one fetcher, not two without an outcome between: then its job fails."""
        if lease.losses and lease.job_id in self._crashers:
            fatal = [_fatal(lease)]
            await self._tell(fatal, await self._store.settle(fatal))
        else:
            self._crashers.append(lease.job_id)
            await self._store.give_back([lease], lost=True)

    async def kept_waiting(self, lease: Lease) -> bool:
        """Its site gave up on us while we made it wait: it leaves, and nothing is counted. False where it was so often.

        A few times, for a site that never waits would never come to an end.
        """
        if self._kept_waiting.count(lease.job_id) >= PATIENT_TIMES:
            return False
        self._kept_waiting.append(lease.job_id)
        await self._store.give_back([lease])
        self._ledger.leave(lease)
        return True


def _fatal(lease: Lease) -> Settlement:
    message = "fetching this crashed the engine's fetcher twice"
    failure = Failure(error_type=ErrorType.INTERNAL, message=message, may_have_left=True)
    return Settlement(lease=lease, outcome=failure, verdict=Failed(error_type=ErrorType.INTERNAL, message=message))
