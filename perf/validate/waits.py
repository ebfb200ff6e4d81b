"""How long the service's loop waited for a processor that others had, as the kernel tells it."""

from pathlib import Path

NANOSECOND = 1e-9


def waited_s(pid: int | None, *, proc: Path = Path("/proc")) -> float | None:
    """Since its start, its main thread; None where that is not told."""
    try:
        told = (proc / str(pid) / "schedstat").read_text().split() if pid else []
    except OSError:
        return None
    return int(told[1]) * NANOSECOND if len(told) == 3 else None
