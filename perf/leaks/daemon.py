"""The daemon with a client that keeps part of each page, or drops it in cycles that only the collector finds.

`python -m perf.leaks.daemon serve`; LEAKED_BYTES and CYCLIC_BYTES are of each page, COLLECTED_EVERY are pages. Its
samples go as lines to the file SAMPLES, if it is named.
"""

import gc
import os
from dataclasses import astuple
from pathlib import Path
from typing import Any
from unittest.mock import patch

from actors.__main__ import main
from actors.auditing import Sampler
from engine.fetch.client import Client
from engine.jobs.outcome import Outcome
from engine.memory.leaks import Sample

LEAKED_BYTES = int(os.environ.get("LEAKED_BYTES", "0"))
CYCLIC_BYTES = int(os.environ.get("CYCLIC_BYTES", "0"))
COLLECTED_EVERY = int(os.environ.get("COLLECTED_EVERY", "0"))
SAMPLES = os.environ.get("SAMPLES")


class LeakyClient(Client):
    def __init__(self, **told: Any) -> None:
        super().__init__(**told)
        self._leaked: list[bytes] = []
        self._fetched = 0

    async def __call__(self, *args: Any, **told: Any) -> Outcome:
        self._fetched += 1
        if LEAKED_BYTES:
            _keep(self._leaked)
        if CYCLIC_BYTES:
            _drop_in_a_cycle()
        if COLLECTED_EVERY and self._fetched % COLLECTED_EVERY == 0:
            gc.collect()
        return await super().__call__(*args, **told)


def _keep(leaked: list[bytes]) -> None:
    leaked.append(bytes(LEAKED_BYTES))


PLANTED_AT = (__file__, _keep.__code__.co_firstlineno + 1)


def _drop_in_a_cycle() -> None:
    cycle: list[object] = [bytes(CYCLIC_BYTES)]
    cycle.append(cycle)


class RecordedSampler(Sampler):
    def __call__(self) -> Sample | None:
        sample = super().__call__()
        if sample is not None and SAMPLES:
            with Path(SAMPLES).open("a") as lines:
                lines.write(",".join(map(str, astuple(sample))) + "\n")
        return sample


if __name__ == "__main__":
    with (
        patch("actors.web.Client", LeakyClient),
        patch("actors.daemon.Sampler", RecordedSampler),
        patch.object(gc, "set_threshold", gc.set_threshold if not COLLECTED_EVERY else lambda *_: gc.disable()),
    ):
        main()
