"""Files in which the kernel tells of itself. One that is not there or cannot be read tells nothing; that is no error.

They are kept open: to open one takes the kernel ten times as long as to read it.
"""

import os
from collections.abc import Mapping
from pathlib import Path

LONGEST = 65536
"""Bytes of a file that are read at most."""


class KernelFiles:
    """Reads what stands in a file now. `root` is where /proc and the mounts begin."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._open: dict[Path, int] = {}

    def text(self, path: Path) -> str:
        """Empty if it tells nothing."""
        try:
            if path not in self._open:
                self._open[path] = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
            return os.pread(self._open[path], LONGEST, 0).decode(errors="replace")
        except OSError:
            self._forget(path)
            return ""

    def number(self, path: Path) -> int | None:
        """None also for a word that stands where a number may, as `max` does."""
        return _number(self.text(path).strip())

    def table(self, path: Path) -> Mapping[str, int]:
        """Lines of a name and a number; what follows the number, as a unit, is left out."""
        pairs = (line.split(maxsplit=2)[:2] for line in self.text(path).splitlines())
        named = ((pair[0].rstrip(":"), _number(pair[1])) for pair in pairs if len(pair) == 2)
        return {name: number for name, number in named if number is not None}

    def close(self) -> None:
        for path in tuple(self._open):
            self._forget(path)

    def _forget(self, path: Path) -> None:
        opened = self._open.pop(path, None)
        if opened is not None:
            os.close(opened)


def _number(text: str) -> int | None:
    return int(text) if text.removeprefix("-").isdecimal() else None
