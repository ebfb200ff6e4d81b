"""How long each phase of a validation lasts, the warm-up at most: what its flood leaves goes to the load.

The load comes last and is longest: memory is watched over the second half of all, and that is to be one even load.
"""

from dataclasses import dataclass

FULL_S = 600.0
QUICK_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """In the order of their turns, in seconds."""

    warm_up: float
    normal: float
    slow: float
    reads: float
    load: float
    rest: float

    @property
    def lasts_s(self) -> float:
        return self.warm_up + self.normal + self.slow + self.reads + self.load + self.rest


FULL = Plan(warm_up=120, normal=90, slow=20, reads=20, load=330, rest=20)
QUICK = Plan(warm_up=5, normal=25, slow=7, reads=8, load=65, rest=10)


def plan_of(lasts_s: float) -> Plan:
    """More than ten minutes go to the load; less is a quick one, longer or shorter in all its phases."""
    if lasts_s >= FULL_S:
        others_s = FULL.lasts_s - FULL.load
        return Plan(
            warm_up=FULL.warm_up,
            normal=FULL.normal,
            slow=FULL.slow,
            reads=FULL.reads,
            load=lasts_s - others_s,
            rest=FULL.rest,
        )
    part = lasts_s / QUICK.lasts_s
    return Plan(
        warm_up=QUICK.warm_up * part,
        normal=QUICK.normal * part,
        slow=QUICK.slow * part,
        reads=QUICK.reads * part,
        load=QUICK.load * part,
        rest=QUICK.rest * part,
    )
