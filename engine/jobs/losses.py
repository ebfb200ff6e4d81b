"""What the deaths of those who fetched a job mean for it. Pure.

Two make a suspect, which is fetched alone in its process from then on; only deaths while it was alone are held against
it after that. Any outcome clears it: what brings an outcome does not kill.
"""

SUSPECT_AFTER = 2
DEATHS_ALONE = 3
POISON_AFTER = SUSPECT_AFTER + DEATHS_ALONE

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


def is_suspect(losses: int) -> bool:
    return losses >= SUSPECT_AFTER


def is_poison(losses: int) -> bool:
    return losses >= POISON_AFTER
