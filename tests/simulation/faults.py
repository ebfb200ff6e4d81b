"""What goes wrong, and when: all of it drawn. Each story knows some of the faults, and none in its last process."""

from collections import deque
from collections.abc import Callable
from enum import StrEnum
from random import Random

from tests.simulation.loop import Clock, SimulatedLoop
from tests.simulation.platter import Death, Platter

KILLED = ("persister", "renewer", "rescuer", "meter", "claimer", "fetcher", "fetcher", "fetcher")
SELDOM, OFTEN = 3000, 20
"""Steps of the loop between two faults."""
WALL_MOVES_S = (-7200.0, 86_400.0)
CRASHES_A_MINUTE = 5
"""What a system must stand without giving up; each fault here costs it one or two."""


class Fault(StrEnum):
    CRASH = "crash"
    ERROR = "error"
    FULL = "full"
    STALL = "stall"
    FREEZE = "freeze"
    CLOCK = "clock"
    DEATH = "death"


CRASHING = {Fault.CRASH, Fault.ERROR}


class Faults:
    """Of one process."""

    def __init__(
        self,
        *,
        random: Random,
        clock: Clock,
        kinds: tuple[Fault, ...],
        is_storm: bool,
        lease_s: float,
        tell: Callable[..., None],
    ) -> None:
        self._random = random
        self._clock = clock
        self._kinds = kinds
        self._is_storm = is_storm
        self._lease_s = lease_s
        self._tell = tell
        self._crashes: deque[float] = deque(maxlen=CRASHES_A_MINUTE)
        self._stalled_until = 0.0
        self._next_at = self._gap()
        self.is_over = not kinds

    def end(self, platter: Platter | None) -> None:
        """From here on all is well."""
        self.is_over = True
        if platter is not None:
            platter.heal()

    def latency(self) -> float:
        """Of a thread, on its way there or back."""
        usual_s = 0.00001 + self._random.random() * 0.0005
        if not self.is_over and self._clock.now < self._stalled_until:
            usual_s += self._random.random() ** 4 * self._lease_s * 0.8
        return usual_s

    def step(self, loop: SimulatedLoop, platter: Platter | None) -> None:
        if self.is_over or platter is None or loop.steps < self._next_at:
            return
        self._next_at = loop.steps + self._gap()
        fault = self._random.choice(self._kinds)
        if fault in CRASHING and not self._may_crash():
            return
        self._tell("fault", fault)
        self._do(fault, loop, platter)

    def _do(self, fault: Fault, loop: SimulatedLoop, platter: Platter) -> None:
        match fault:
            case Fault.CRASH:
                self._kill(loop, self._random.choice(KILLED))
            case Fault.ERROR:
                platter.error_in = self._random.randrange(12)
            case Fault.FULL:
                platter.is_full = True
                loop.call_later(self._random.random() * 5, platter.empty)
            case Fault.STALL:
                self._stalled_until = self._clock.now + self._random.random() * 2 * self._lease_s
            case Fault.FREEZE:
                self._freeze(loop)
            case Fault.CLOCK:
                self._clock.moved_s += self._random.choice(WALL_MOVES_S)
            case Fault.DEATH:
                self._end(platter)

    def _freeze(self, loop: SimulatedLoop) -> None:
        """The whole process stands; now and then leases run out over it, for who renews them is hit as well."""
        self._clock.now += self._random.random() * 2 * self._lease_s
        if self._random.random() < 0.7 and self._may_crash():
            self._kill(loop, "renewer")

    def _kill(self, loop: SimulatedLoop, name: str) -> None:
        victims = [task for task in loop.alive() if task.get_name() == name]
        if victims:
            self._tell("kill", name)
            self._random.choice(victims).cancel()

    def _end(self, platter: Platter) -> None:
        death = self._random.choice([None, *Death])
        if death is None:
            platter.die()
            return
        self._tell("death", death)
        platter.death = death
        platter.death_in = self._random.randrange(12)

    def _may_crash(self) -> bool:
        now = self._clock.now
        has_room = len(self._crashes) < CRASHES_A_MINUTE or now - self._crashes[0] > 60
        self._crashes.append(now)
        return has_room or self._is_storm

    def _gap(self) -> int:
        """Long ones and short ones, so that faults come alone and close together."""
        return int(OFTEN * (SELDOM / OFTEN) ** self._random.random())
