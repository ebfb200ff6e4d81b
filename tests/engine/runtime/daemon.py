"""A process with one actor, which ends, crashes, or stops as the argument says. It prints what the kernel did.

One that is announced gives notice for longer than anybody waits, and then is as obedient as it gets.

One that is crashing has a supervisor of its own below the root: each of the two tries again so often.
"""

import asyncio
import random
import sys
from time import monotonic, process_time
from typing import Any

from engine.runtime import (
    Actor,
    ActorCut,
    ActorStarted,
    ActorStuck,
    Child,
    Event,
    Notice,
    RestartPolicy,
    Signals,
    Strategy,
    Supervisor,
    SupervisorGaveUp,
    run,
    until_ended,
)

NOTICE = Notice(give=lambda: print("announced", flush=True), lasts_s=600)  # noqa: T201 - what the test reads
RESTARTS = 3
"""Of each supervisor of one that is crashing always."""
LEAST_DELAY_S = 0.05

_WORDS = {ActorStarted: "running", ActorCut: "cut", ActorStuck: "stuck", SupervisorGaveUp: "gave up"}
_ONCE = RestartPolicy(max_restarts=0, window_s=1, backoff_first_s=0, backoff_cap_s=0, calm_s=1)
_OFTEN = RestartPolicy(
    max_restarts=RESTARTS, window_s=60, backoff_first_s=2 * LEAST_DELAY_S, backoff_cap_s=2 * LEAST_DELAY_S, calm_s=60
)


class Telling:
    def saw(self, event: Event) -> None:
        if type(event) in _WORDS:
            print(_WORDS[type(event)], flush=True)  # noqa: T201 - what the test reads


class Obstinate(Actor):
    def __init__(self, kind: str) -> None:
        self._kind = kind
        self._told = asyncio.Event()

    def tell(self) -> None:
        print("told", flush=True)  # noqa: T201 - what the test reads
        if self._kind in {"obedient", "announced"}:
            self._told.set()

    async def run(self) -> None:
        if self._kind == "crashing":
            raise LookupError
        while self._kind != "done" and not self._told.is_set():
            try:
                await self._told.wait()
            except asyncio.CancelledError:
                if self._kind != "stuck":
                    raise


def supervisor(child: Child[Any], policy: RestartPolicy) -> Supervisor:
    return Supervisor(
        name="supervisor",
        children=[child],
        strategy=Strategy.ONE_FOR_ONE,
        policy=policy,
        random=random.Random(1),
        observer=Telling(),
    )


async def main(signals: Signals) -> int:
    actor = Child(name="actor", build=lambda: Obstinate(sys.argv[1]), stop=Obstinate.tell, grace_s=60)
    if sys.argv[1] != "crashing":
        return await until_ended(supervisor(actor, _ONCE), signals, NOTICE if sys.argv[1] == "announced" else None)
    root = supervisor(Child(name="branch", build=lambda: supervisor(actor, _OFTEN)), _OFTEN)
    began, used = monotonic(), process_time()
    code = await until_ended(root, signals)
    print(f"{monotonic() - began} {process_time() - used}", flush=True)  # noqa: T201 - what the test reads
    return code


if __name__ == "__main__":
    sys.exit(run(main))
