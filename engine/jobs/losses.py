"""What the deaths of those who fetched a job mean for it. Pure.

Two make a suspect, which is fetched alone in its process from then on, and later after each death, so that suspects do
not hold up all others and are not the first at each start. Only deaths while it was alone are held against it after
that, and only in a row: a process that dies with no suspect alone in hand shows that they die here without one. Any
outcome clears it: what brings an outcome does not kill.

Of a lease that ended nobody can tell whether its fetch had begun, but of a suspect's, which is written down before. So
of one such end few come to be suspects, the oldest: what does no harm completes meanwhile, and what kills grows old.
"""

from collections.abc import Iterable, Iterator

SUSPECT_AFTER = 2
DEATHS_ALONE = 3
POISON_AFTER = SUSPECT_AFTER + DEATHS_ALONE
PUT_OFF_S = 2.0
STEP_S = 0.25
"""Between suspects, so that others come between them."""
SUSPECTS_AT_ONCE = 8
"""Of leases that ended together."""

LOST = "whoever fetched it was lost, and what may have been sent must not be sent again"
POISONED = (
    f"{POISON_AFTER} times in a row whoever fetched it died over it without an outcome, "
    f"the last {DEATHS_ALONE} times with nothing else in hand"
)


def most_losses(*, alone: bool) -> int:
    """How far one more loss may count: in company it makes a suspect and no more."""
    return POISON_AFTER if alone else SUSPECT_AFTER


def after_loss(losses: int, *, alone: bool) -> int:
    return max(losses, min(losses + 1, most_losses(alone=alone)))


def counts_at_end(losses: int, *, alone: bool, suspects: int) -> bool:
    """Is the end of a lease held against its job? `suspects` others came to be some by the same end.

    `alone`: it was written down that its fetch began with nothing else in hand.
    """
    if is_suspect(losses):
        return alone
    return suspects < SUSPECTS_AT_ONCE or not is_suspect(after_loss(losses, alone=False))


def put_off_s(losses: int, *, before: int = 0) -> float:
    """How long a suspect waits; `before` others of the same death, or put off with it, come before it."""
    return PUT_OFF_S * 2.0 ** (losses - SUSPECT_AFTER) + STEP_S * before


def lined_up(due: Iterable[float], *, now: float) -> Iterator[float]:
    """When suspects come after a start, of the times at which they were due, in order."""
    earliest = now + PUT_OFF_S
    for due_at in due:
        yield max(due_at, earliest)
        earliest = max(due_at, earliest) + STEP_S


def is_suspect(losses: int) -> bool:
    return losses >= SUSPECT_AFTER


def is_poison(losses: int) -> bool:
    return losses >= POISON_AFTER
