"""What a test promised and what of it did not hold, a sentence each.

Judged from the record alone: the replicas that were told, not the rules that told them.
"""

from collections.abc import Iterator, Sequence

from perf.autoscale.course import PACE_S
from perf.autoscale.manifest import Policy, Rules, Scaler, Select
from perf.autoscale.record import Account, Phase, Record

UP_WITHIN_S = 60.0
DIRECTIONS = {"scale-up": 1, "scale-down": 1, "full": 4}
"""How often the replicas may set out, up or down: each spike once up and once down."""
QUIET = ("rest", "polite")
SEEN_LATE_S = 7.0
"""Of a change that was not decided here but seen: by so much its time may be wrong."""


def broken(record: Record, *, test: str, scaler: Scaler, speed: float) -> list[str]:
    """`scaler` with its times as they were played."""
    found = [
        *record.faults,
        *(f"{phase.name} did not come to its end" for phase in record.phases if not phase.is_over),
        *_bounds(record, scaler),
        *_policies(record, scaler),
        *_directions(record, test),
        *_first_up(record, speed),
        *_quiet(record),
        *_window(record, scaler),
    ]
    return found + (accounts(record.account) if record.account else ["nobody told what became of the jobs"])


def accounts(account: Account) -> list[str]:
    wrong = {
        "acknowledged jobs are lost": account.lost,
        "are still open": account.open,
        "failed": account.failed,
        "completions were counted more or less than once": abs(account.counted - account.listed),
        "completed jobs never asked the site": account.site_missed or 0,
    }
    return [f"{number} {what}" for what, number in wrong.items() if number]


def first_up_s(record: Record, phase: Phase) -> float | None:
    """From the spike to the first worker more."""
    ups = [round(at_s - phase.began_s, 1) for at_s, step in _changes(record) if step > 0 and at_s >= phase.began_s]
    return min(ups, default=None)


def called_for(record: Record, phase: Phase) -> int | None:
    """How many workers were asked for when the first one more came: those that came later may be for the same jobs."""
    ups = (each.asked for each in record.decisions if each.at_s >= phase.began_s and each.replicas > each.current)
    return next(ups, None)


def directions(record: Record) -> int:
    """How often the replicas set out, up or down."""
    signs = [step > 0 for _, step in _changes(record)]
    return sum(place == 0 or sign != signs[place - 1] for place, sign in enumerate(signs))


def _changes(record: Record) -> list[tuple[float, int]]:
    """As decided where that is known, else as it was seen."""
    decided = [(each.at_s, each.replicas - each.current) for each in record.decisions]
    return [(at_s, step) for at_s, step in decided if step] if record.decisions else record.changes()


def _bounds(record: Record, scaler: Scaler) -> Iterator[str]:
    told = [moment.standing.wanted for moment in record.moments]
    if told and not scaler.least <= min(told) <= max(told) <= scaler.most:
        yield f"there were {min(told)} to {max(told)} replicas"


def _policies(record: Record, scaler: Scaler) -> Iterator[str]:
    """Of each change: how far it was since its period's beginning."""
    changes = _changes(record)
    late_s = 0.0 if record.decisions else SEEN_LATE_S
    replicas = record.replicas()
    for place in range(len(changes) - 1, -1, -1):
        at_s, step = changes[place]
        rules = scaler.up if step > 0 else scaler.down
        if not _is_allowed(rules, replicas, at_s + late_s, changes[: place + 1]):
            yield f"{replicas - step} became {replicas} after {at_s:.0f} s: no policy allows that"
        replicas -= step


def _is_allowed(rules: Rules, reached: int, at_s: float, changes: Sequence[tuple[float, int]]) -> bool:
    within = [_is_within(policy, reached, at_s, changes) for policy in rules.policies]
    return (all if rules.select is Select.MIN else any)(within) and rules.select is not Select.DISABLED


def _is_within(policy: Policy, reached: int, at_s: float, changes: Sequence[tuple[float, int]]) -> bool:
    moved = sum(step for when, step in changes if when > at_s - policy.period_s)
    if not policy.is_percent:
        return abs(moved) <= policy.value
    return abs(moved) < (reached - moved) * policy.value / 100 + 1


def _directions(record: Record, test: str) -> Iterator[str]:
    if (found := directions(record)) > DIRECTIONS[test]:
        yield f"replicas set out {found} times, up or down: {DIRECTIONS[test]} were called for"


def _first_up(record: Record, speed: float) -> Iterator[str]:
    """The engine's own pace is not played faster."""
    within_s = UP_WITHIN_S / speed + (PACE_S if speed > 1 else 0) + (0 if record.decisions else SEEN_LATE_S)
    for phase in record.phases:
        took_s = first_up_s(record, phase) if "spike" in phase.name else 0
        if took_s is None or took_s > within_s:
            yield f"{phase.name}: no worker more within {within_s:.0f} s"


def _quiet(record: Record) -> Iterator[str]:
    for phase in record.phases:
        moved = [at_s for at_s, _ in _changes(record) if phase.began_s <= at_s < phase.ended_s]
        if phase.name in QUIET and moved:
            yield f"{phase.name}: the replicas changed"


def _window(record: Record, scaler: Scaler) -> Iterator[str]:
    """Nobody goes while more than what is left was asked for within the window."""
    for decision in record.decisions:
        if decision.replicas >= decision.current:
            continue
        since_s = decision.at_s - scaler.down.window_s
        asked = [each.asked or 0 for each in record.decisions if since_s < each.at_s <= decision.at_s]
        if max(asked) > decision.replicas:
            yield f"{decision.current} became {decision.replicas} at {decision.at_s:.0f} s, within the window"
