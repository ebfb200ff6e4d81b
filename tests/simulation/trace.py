"""What happened, in order: a hash of all of it, and the last of it to read."""

from collections import deque
from hashlib import blake2b

from tests.simulation.loop import Clock

KEPT = 60


class Trace:
    """Two runs are the same when their hashes are."""

    def __init__(self, *, clock: Clock) -> None:
        self.lines: deque[str] = deque(maxlen=KEPT)
        self.steps = 0
        self._clock = clock
        self._hash = blake2b(digest_size=16)

    def add(self, *words: object) -> None:
        line = f"{self._clock.now:12.6f} {' '.join(map(str, words))}"
        self._hash.update(line.encode())
        self.lines.append(line)

    @property
    def hash(self) -> str:
        return self._hash.hexdigest()
