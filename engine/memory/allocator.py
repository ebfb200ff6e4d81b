"""The allocator under Python: what it holds of memory that nobody uses any more goes back when it is told so.

glibc keeps freed pieces for their next use: after a page of 600,000 elements was parsed and dropped, all of its 250 MB.
To give them back took 0.3 s of processor time, and 0.1 ms where there was nothing to give (Python 3.11, glibc 2.36).
"""

import ctypes
import sys
from collections.abc import Callable

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
"""Their numbers in malloc.h."""
MAPPED_FROM_BYTES = 2 * 1024 * 1024
"""What is larger is mapped for itself, and goes back when it is freed; glibc would map ever less, up to 32 MiB. What
comes with every piece of a body stays below it: mapped from 512 KiB on, the daemon's processor time was 6 % more."""
KEPT_FREE_BYTES = 32 * 1024 * 1024
"""So much that is free at the end of the heap stays for its next use. What goes back has to be made again."""
ARENAS = 1
"""For all threads: each with its own keeps there what it wanted at the most, and they do not want it at once. With
those of the writer and the readers the process was 2 MB larger, came to rest late, and was no faster."""
SMALL_BYTES = 96
"""What an object of up to 512 bytes takes on average. Python maps room for those by itself, and tells their number."""
NAMES = "arena", "ordblks", "smblks", "hblks", "hblkhd", "usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"


class _MallInfo(ctypes.Structure):
    """As mallinfo2(3) returns it."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in NAMES)


def tune() -> bool:
    """For the rest of the process, before it has threads: they stay with the arena that they have.

    False where the allocator cannot be told.
    """
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError):  # not glibc
        return False
    mallopt.argtypes, mallopt.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
    wishes = {M_MMAP_THRESHOLD: MAPPED_FROM_BYTES, M_TRIM_THRESHOLD: KEPT_FREE_BYTES, M_ARENA_MAX: ARENAS}
    granted = [mallopt(name, value) for name, value in wishes.items()]
    return all(granted)


def trimmer() -> Callable[[], bool] | None:
    """Gives back to the kernel what is free and says whether any was; None where the allocator cannot be told.

    It may take long, but does not hold the interpreter meanwhile: call it in a thread.
    """
    try:
        malloc_trim = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):  # not glibc
        return None
    malloc_trim.argtypes, malloc_trim.restype = (ctypes.c_size_t,), ctypes.c_int
    return lambda: bool(malloc_trim(0))


def allocated() -> Callable[[], int] | None:
    """How many bytes are allocated and not freed, small objects by their number; None where nobody tells.

    What the allocator keeps for its next use, which the kernel counts as used, is none of it. A look takes 10 us where
    that is in a thousand pieces, and 40 ms where it is in a hundred thousand: it is for who asks, not for a clock.
    """
    try:
        mallinfo = ctypes.CDLL(None).mallinfo2
    except (AttributeError, OSError):  # not glibc, or one before 2.33
        return None
    mallinfo.argtypes, mallinfo.restype = (), _MallInfo

    def look() -> int:
        found = mallinfo()
        return int(found.uordblks + found.hblkhd) + SMALL_BYTES * sys.getallocatedblocks()

    return look
