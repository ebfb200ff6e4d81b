"""What one seed tells: how large the system is, who uses it, what the web is like, what will go wrong."""

from dataclasses import dataclass
from random import Random

from engine.jobs.footprint import FLOOR_BYTES
from tests.simulation.faults import Fault
from tests.simulation.users import Habits
from tests.simulation.web import Weather

LONGEST_LIFE_S = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """Small ones, so that every bound is met."""

    concurrency: int
    capacity: int
    """Messages a mailbox."""
    capacity_bytes: int
    credit_bytes: int
    """What fetches may hold together: now and then not enough for two, nor for a large body."""
    lease_s: float
    grace_s: float
    persisters: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    size: Size
    habits: Habits
    weather: Weather
    faults: tuple[Fault, ...]
    is_storm: bool
    """Faults come so close that the system may give up."""
    lives_s: tuple[float, ...]
    """Of each process but the last, until it is told to stop."""
    rough_s: float
    """How long things go wrong in the last one."""

    @classmethod
    def drawn(cls, random: Random) -> "Story":
        return cls(
            size=Size(
                concurrency=random.choice([1, 2, 6]),
                capacity=random.choice([1, 2, 6, 1024]),
                capacity_bytes=random.choice([500, 64 * 1024]),
                credit_bytes=random.choice([1, 2, 5, 100]) * FLOOR_BYTES,
                lease_s=random.choice([0.5, 3.0, 30.0]),
                grace_s=random.choice([0.5, 3.0, 25.0]),
                persisters=random.choice([1, 1, 2]),
            ),
            habits=Habits(
                jobs=random.choice([5, 15, 40]),
                cancel=random.random() < 0.5,
                repeat=random.random() < 0.5,
                hosts=random.choice([1, 3, 10]),
                is_nasty=random.random() < 0.3,
            ),
            weather=Weather(is_bad=random.random() < 0.6, slowest_s=random.choice([0.05, 0.5, 5.0])),
            faults=tuple(fault for fault in Fault if random.random() < 0.5),
            is_storm=random.random() < 0.05,
            lives_s=tuple(random.random() * LONGEST_LIFE_S for _ in range(random.choice([0, 1, 1, 2, 3]))),
            rough_s=random.random() * LONGEST_LIFE_S,
        )
