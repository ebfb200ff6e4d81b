"""How many files and sockets the process may have open."""

import resource
from contextlib import suppress


def raise_limit() -> int:
    """As many as the hard limit allows, from now on; says how many that is."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # a hard limit may be more than the kernel grants: then the soft one stays
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        soft = hard
    return soft
