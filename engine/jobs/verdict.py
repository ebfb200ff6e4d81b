"""What an outcome means for its job: completed, failed, or tried again, and when. Pure."""

from collections.abc import Callable
from dataclasses import dataclass

from engine.jobs.lease import Lease
from engine.jobs.mould import Mould
from engine.jobs.outcome import ErrorType, Failure, Outcome, Page
from engine.jobs.stages import Span, Spent, no_times, spent

RETRIED_STATUSES = frozenset({408, 425, 429, 500, *range(502, 600)})
"""All 5xx but 501, and the three 4xx that speak of time; every other final response completes the job."""

FINAL_ERRORS = frozenset(
    {
        ErrorType.INVALID_URL,
        ErrorType.UNSUPPORTED_SCHEME,
        ErrorType.BLOCKED_ADDRESS,
        ErrorType.ROBOTS,
        ErrorType.BODY_TOO_LARGE,
        ErrorType.TOO_MANY_REDIRECTS,
        ErrorType.TLS,
        ErrorType.NOT_CACHED,
        ErrorType.CANCELLED,
        ErrorType.POISON,
        ErrorType.INTERNAL,
    }
)
RETRY_DELAY_CAP_S = 300.0
RETRY_AFTER_CAP_S = 3600.0
PATIENCE_S = 1.0
"""What a site may be made to wait, and is still to blame when it closes the connection."""
_DOUBLINGS = 30
"""More than any delay needs to reach its cap, and few enough for a float."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Completed:
    """The job is done and its page is the result."""


COMPLETED = Completed()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failed:
    """The job is done without success; a page, where there is one, is kept."""

    error_type: ErrorType
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry:
    """Again at `due_at`, in epoch seconds."""

    due_at: float
    error_type: ErrorType
    message: str


Verdict = Completed | Failed | Retry


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """What the store writes for one outcome, in one transaction, if the lease's fence still holds."""

    lease: Lease
    outcome: Outcome
    verdict: Verdict
    span: Span | None = None
    memory_s: float = 0.0
    """What its fetch waited for memory before it could begin."""

    @property
    def page(self) -> Page | None:
        """The page to keep: none while the job goes on."""
        return self.outcome if isinstance(self.outcome, Page) and not isinstance(self.verdict, Retry) else None

    def spent(self, *, settled_at: float) -> Spent | None:
        """What the stages of this attempt took; None if nobody measured."""
        if self.span is None:
            return None
        began_at, ended_at = self.span
        return spent(
            self.outcome.times or no_times(),
            delay_us=self.lease.delay_us,
            queue_us=self.lease.queue_us,
            mailbox_s=began_at - self.lease.claimed_at,
            memory_s=self.memory_s,
            persisting_s=settled_at - ended_at,
        )


_SETTLEMENTS = Mould(Settlement, ("lease", "outcome", "verdict", "span", "memory_s"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What a running system judges by: `now` in the store's time, `draw` gives a number in [0, 1) for the jitter."""

    job_timeout_s: float
    """Bounds the running time of all attempts together."""
    now: Callable[[], float]
    draw: Callable[[], float]

    def timeout_s(self, lease: Lease) -> float:
        """What the next attempt may take: its own bound, or what is left of the job's time, at least a second."""
        return min(lease.request.options.timeout_s, max(self.job_timeout_s - lease.ran_s, 1.0))

    def settle(
        self, lease: Lease, outcome: Outcome, *, began_at: float | None = None, memory_s: float = 0.0
    ) -> Settlement:
        """`began_at` is when the attempt was taken in hand, by `now`; it waited for memory until it could begin."""
        span = None if began_at is None else (began_at, self.now())
        is_done = isinstance(outcome, Page) and outcome.status_code not in RETRIED_STATUSES
        verdict = COMPLETED if is_done else self._blamed(lease, outcome)
        return _SETTLEMENTS.one(lease, outcome, verdict, span, memory_s)

    def _blamed(self, lease: Lease, outcome: Outcome) -> Failed | Retry:
        error_type, message = _complaint(outcome)
        if not self._may_retry(lease, outcome, error_type):
            return Failed(error_type=error_type, message=message)
        delay_s = retry_delay_s(
            first_s=lease.request.options.delay_between_retries_s,
            attempts=lease.attempts,
            asked_s=outcome.retry_after_s if isinstance(outcome, Page) else None,
            drawn=self.draw(),
        )
        return Retry(due_at=self.now() + delay_s, error_type=error_type, message=message)

    def _may_retry(self, lease: Lease, outcome: Outcome, error_type: ErrorType) -> bool:
        may_have_left = isinstance(outcome, Page) or outcome.may_have_left
        return (
            error_type not in FINAL_ERRORS
            and lease.attempts < lease.request.options.max_retries
            and lease.ran_s + outcome.elapsed_s < self.job_timeout_s
            and (lease.request.may_repeat or not may_have_left)
        )


def is_our_doing(lease: Lease, failure: Failure) -> bool:
    """Did a site give up on us while we made it wait? Then it was no attempt, where it may be made again."""
    return (
        failure.error_type is ErrorType.CONNECTION_LOST
        and failure.kept_waiting_s > PATIENCE_S
        and lease.request.may_repeat
    )


def _complaint(outcome: Outcome) -> tuple[ErrorType, str]:
    if isinstance(outcome, Failure):
        return outcome.error_type, outcome.message
    kind = ErrorType.HTTP_5XX if outcome.status_code >= 500 else ErrorType.HTTP_4XX
    return kind, f"the site answered {outcome.status_code}"


def retry_delay_s(*, first_s: float, attempts: int, asked_s: float | None, drawn: float) -> float:
    """min(asked, RETRY_AFTER_CAP_S) + drawn * min(RETRY_DELAY_CAP_S, first * 2 ** attempts).

    The second part is exponential backoff with full jitter (M. Brooker, "Exponential Backoff And Jitter", AWS
    Architecture Blog, 2015): uniform between nothing and the doubled delay, which spreads those that failed together
    best. The first is the site's Retry-After (RFC 9110, 10.2.3): none comes back before, and the jitter on top keeps
    all that were told one date from coming back in one moment. `attempts` are the outcomes before this one.
    """
    grown_s = min(first_s * 2.0 ** min(attempts, _DOUBLINGS), RETRY_DELAY_CAP_S)
    return min(asked_s or 0.0, RETRY_AFTER_CAP_S) + drawn * grown_s
