"""How often a process may end because nothing else helps: counted over its lives, in a small file.

Where the file cannot be kept, each life may end itself once.
"""

from collections.abc import Callable, Sequence
from pathlib import Path

SPAN_S = 3600.0
MOST = 3
"""Within the span. More would be no help but an outage."""


class Restarts:
    """`wall` gives epoch seconds, which go on from life to life."""

    def __init__(self, *, path: Path, wall: Callable[[], float]) -> None:
        self._path = path
        self._wall = wall

    def take(self) -> bool:
        """Counts one more if it may be; says whether it was."""
        now = self._wall()
        lately = [at for at in self._read() if now - SPAN_S < at <= now]
        if len(lately) >= MOST:
            return False
        self._write([*lately, now])
        return True

    def _read(self) -> Sequence[float]:
        try:
            return [float(line) for line in self._path.read_text(encoding="ascii").split()]
        except (OSError, ValueError):
            return ()

    def _write(self, times: Sequence[float]) -> None:
        try:
            self._path.write_text("".join(f"{at:.3f}\n" for at in times), encoding="ascii")
        except OSError:
            return
