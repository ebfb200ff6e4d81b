"""How many users there are at which second of a scenario.

Pure: Locust follows it, the report draws it, the tests compare the two.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise
from math import ceil
from types import MappingProxyType

STEP_USERS = 10
STEP_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """So many users for so long, the time of coming and going included."""

    users: int
    lasts_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """Stages one after the other; between two levels users come and go at `rate` a second."""

    stages: tuple[Stage, ...]
    rate: float

    @property
    def lasts_s(self) -> float:
        return sum(stage.lasts_s for stage in self.stages)

    def users_at(self, at_s: float) -> int | None:
        """None once it is over. The first user of a stage comes, or goes, at once."""
        users = 0
        for stage in self.stages:
            if at_s < stage.lasts_s:
                return _moved(users, stage.users, int(at_s * self.rate) + 1)
            users = _moved(users, stage.users, ceil(stage.lasts_s * self.rate))
            at_s -= stage.lasts_s
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """What a scenario is unless told otherwise. `levels` are parts of `users`, each as long as the others."""

    sentence: str
    levels: tuple[float, ...]
    users: int
    rate: float
    lasts_s: float

    def shape(self) -> Shape:
        each_s = self.lasts_s / len(self.levels)
        stages = (Stage(users=max(round(level * self.users), 1), lasts_s=each_s) for level in self.levels)
        return Shape(stages=tuple(stages), rate=self.rate)


class Stairs(Scenario):
    """Ten users more every half a minute; the last step is where it stays."""

    def shape(self) -> Shape:
        heights = [*range(STEP_USERS, self.users, STEP_USERS), self.users]
        begins_s = [number * STEP_S for number in range(len(heights)) if number * STEP_S < self.lasts_s]
        spans = pairwise([*begins_s, self.lasts_s])
        stages = (Stage(users=users, lasts_s=end - begin) for users, (begin, end) in zip(heights, spans, strict=False))
        return Shape(stages=tuple(stages), rate=self.rate)


SCENARIOS: Mapping[str, Scenario] = MappingProxyType(
    {
        "baseline": Scenario(sentence="A few users.", levels=(1.0,), users=5, rate=1.0, lasts_s=120.0),
        "normal": Scenario(sentence="A usual day.", levels=(1.0,), users=20, rate=5.0, lasts_s=300.0),
        "step": Stairs(sentence="Ten users more every 30 s.", levels=(), users=100, rate=10.0, lasts_s=300.0),
        "spike": Scenario(
            sentence="Twice a sudden crowd: half of the users, then all.",
            levels=(0.1, 0.5, 0.1, 1.0, 0.1),
            users=100,
            rate=50.0,
            lasts_s=300.0,
        ),
        "stress": Scenario(
            sentence="A crowd that stays for a while.", levels=(0.2, 1.0, 0.2), users=100, rate=10.0, lasts_s=360.0
        ),
        "soak": Scenario(sentence="A usual day that goes on.", levels=(1.0,), users=20, rate=5.0, lasts_s=3600.0),
    }
)
ALL = ("baseline", "normal", "step", "spike", "stress")
"""What `all` runs; a soak is asked for by its name."""


def shape_of(name: str, *, users: int | None = None, rate: float | None = None, lasts_s: float | None = None) -> Shape:
    """The scenario's, with the most users, the spawn rate and the duration that are given."""
    usual = SCENARIOS[name]
    told = replace(usual, users=users or usual.users, rate=rate or usual.rate, lasts_s=lasts_s or usual.lasts_s)
    return told.shape()


def _moved(users: int, to: int, steps: int) -> int:
    return min(users + steps, to) if to > users else max(users - steps, to)
