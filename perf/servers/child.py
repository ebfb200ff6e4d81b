"""A server process on a port of the loopback; it dies with the thread that launched it, however that ends."""

import ctypes
import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from pathlib import Path

from perf.servers.binaries import user

_DEATH_SIGNAL = 1
"""PR_SET_PDEATHSIG"""
_libc = ctypes.CDLL(None)


def launched(
    command: Sequence[str | os.PathLike[str]], log: Path, *, as_nobody: bool = True
) -> subprocess.Popen[bytes]:
    """As a user who is not root unless told otherwise; what it says is added to the log."""
    with log.open("ab") as said:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=said,
            stderr=said,
            user=user() if as_nobody else None,
            cwd="/",
            start_new_session=True,
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - nothing between fork and exec takes a lock
        )


def free_port() -> int:
    with socket.socket() as asked:
        asked.bind(("127.0.0.1", 0))
        return int(asked.getsockname()[1])


def _end_with_parent() -> None:
    """In the child, after it became another user. Elsewhere than on Linux there is no such call."""
    if hasattr(_libc, "prctl"):
        _libc.prctl(_DEATH_SIGNAL, signal.SIGQUIT)
