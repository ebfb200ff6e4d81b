"""A process with one actor, which ends, crashes, or stops as the argument says. It prints what the kernel did."""

import asyncio
import random
import sys

from engine.runtime import (
    Actor,
    ActorCut,
    ActorStarted,
    ActorStuck,
    Child,
    Event,
    RestartPolicy,
    Signals,
    Strategy,
    Supervisor,
    run,
    until_ended,
)

_WORDS = {ActorStarted: "running", ActorCut: "cut", ActorStuck: "stuck"}


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
        if self._kind == "obedient":
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


async def main(signals: Signals) -> int:
    root = Supervisor(
        name="root",
        children=[Child(name="actor", build=lambda: Obstinate(sys.argv[1]), stop=Obstinate.tell, grace_s=60)],
        strategy=Strategy.ONE_FOR_ONE,
        policy=RestartPolicy(max_restarts=0, window_s=1, backoff_first_s=0, backoff_cap_s=0),
        random=random.Random(1),
        observer=Telling(),
    )
    return await until_ended(root, signals)


if __name__ == "__main__":
    sys.exit(run(main))
