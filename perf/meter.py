"""Where one thread's processor time goes: each moment is the innermost probed call's, what probing costs taken off.

A probe reads the thread's clock twice a step. What that costs who is probed and who calls it is measured beforehand,
from a warm cache; beside others' work it costs more, so that a page seen by probes is dearer than one that is not.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Coroutine, Generator, Mapping
from functools import wraps
from inspect import iscoroutinefunction
from time import thread_time
from typing import Any, NamedTuple

REST = "rest"
_ROUNDS = 5_000


class Cost(NamedTuple):
    """Of one step of a probe, in seconds: what falls to the probed stage, and what to that which called it."""

    inside: float
    outside: float


class Meter:
    """Of one thread. A step is a call, or of a coroutine what runs between two waits."""

    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._times: defaultdict[str, float] = defaultdict(float)
        self._steps: Counter[tuple[str, str]] = Counter()
        self._around: list[str] = []
        self._stage = REST
        self._since = thread_time()

    def enter(self, stage: str) -> None:
        now = thread_time()
        self._times[self._stage] += now - self._since
        self._steps[self._stage, stage] += 1
        self._around.append(self._stage)
        self._stage, self._since = stage, now

    def leave(self) -> None:
        now = thread_time()
        self._times[self._stage] += now - self._since
        self._stage, self._since = self._around.pop(), now

    def probed(self, act: Callable[..., Any], stage: str) -> Callable[..., Any]:
        """The same act, its time told apart."""

        @wraps(act)
        def timed(*args: Any, **kwargs: Any) -> Any:
            self.enter(stage)
            try:
                return act(*args, **kwargs)
            finally:
                self.leave()

        @wraps(act)
        def stepped(*args: Any, **kwargs: Any) -> "_Steps":
            return _Steps(self, stage, act(*args, **kwargs))

        return stepped if iscoroutinefunction(act) else timed

    def net_s(self, cost: Cost) -> Mapping[str, float]:
        """Seconds of each stage."""
        found = dict(self._times)
        for (around, stage), steps in self._steps.items():
            found[stage] -= steps * cost.inside
            found[around] -= steps * cost.outside
        return found


class _Steps:
    """A coroutine that is awaited, and each of its steps told to the meter."""

    __slots__ = ("_coroutine", "_meter", "_stage")

    def __init__(self, meter: Meter, stage: str, coroutine: Coroutine[Any, Any, Any]) -> None:
        self._meter = meter
        self._stage = stage
        self._coroutine = coroutine

    def __await__(self) -> Generator[Any, Any, Any]:
        error: BaseException | None = None
        while True:
            self._meter.enter(self._stage)
            try:
                waited_for = self._coroutine.send(None) if error is None else self._coroutine.throw(error)
            except StopIteration as end:
                return end.value
            finally:
                self._meter.leave()
            error = None
            try:
                yield waited_for
            except BaseException as thrown:  # noqa: BLE001 - it is the coroutine's to take
                error = thrown


async def cost() -> Cost:
    """Of a step of a coroutine, which most are."""
    meter = Meter()
    probe = meter.probed(_nothing, "probed")
    for _ in range(2):  # the first is to get warm
        meter.reset()
        for _ in range(_ROUNDS):
            await probe()
        meter.enter(REST)
    times = meter.net_s(Cost(0.0, 0.0))
    return Cost(times["probed"] / _ROUNDS, times[REST] / _ROUNDS)


async def _nothing() -> None:
    """Some await it."""
