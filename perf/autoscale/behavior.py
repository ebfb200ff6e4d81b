"""How far what is asked for is followed: windows against haste, policies against jumps.

`changes` and `asked` are of the past, with the time of each; what is older than a window or a period counts no more.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from perf.autoscale.manifest import Policy, Rules, Scaler, Select


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A number, and when it was: of replicas that were asked for, or that came (went, below zero)."""

    at_s: float
    number: int


def stabilized(wanted: int, *, current: int, asked: Sequence[Note], scaler: Scaler, now_s: float) -> int:
    """Up to the least that was asked for in the window up, down to the most of the window down."""
    floor = min([wanted, *_since(asked, now_s - scaler.up.window_s)])
    ceiling = max([wanted, *_since(asked, now_s - scaler.down.window_s)])
    return min(max(current, floor), ceiling)


def limited(wanted: int, *, current: int, changes: Sequence[Note], scaler: Scaler, now_s: float) -> int:
    """As far as the policies and the bounds let it go."""
    if wanted > current:
        allowed = _allowed(scaler.up, _raised, max, min, current=current, changes=changes, now_s=now_s)
        return min(wanted, max(allowed, current), scaler.most)
    if wanted < current:
        allowed = _allowed(scaler.down, _lowered, min, max, current=current, changes=changes, now_s=now_s)
        return max(wanted, min(allowed, current), scaler.least)
    return current


def _allowed(  # noqa: PLR0913 - one rule for both ways
    rules: Rules,
    moved: Callable[[Policy, int], int],
    furthest: Callable[[Sequence[int]], int],
    nearest: Callable[[Sequence[int]], int],
    *,
    current: int,
    changes: Sequence[Note],
    now_s: float,
) -> int:
    if rules.select is Select.DISABLED:
        return current
    reached = [moved(policy, current - sum(_since(changes, now_s - policy.period_s))) for policy in rules.policies]
    return furthest(reached) if rules.select is Select.MAX else nearest(reached)


def _raised(policy: Policy, start: int) -> int:
    """Rounded up: what is few would never grow."""
    return start + (-(-start * policy.value // 100) if policy.is_percent else policy.value)


def _lowered(policy: Policy, start: int) -> int:
    return start * (100 - policy.value) // 100 if policy.is_percent else start - policy.value


def _since(notes: Sequence[Note], after_s: float) -> list[int]:
    return [note.number for note in notes if note.at_s > after_s]
