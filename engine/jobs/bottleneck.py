"""What can hold the throughput of jobs back: one name each, for who finds it, who counts it and who reads of it."""

from enum import StrEnum


class Bottleneck(StrEnum):
    SLOW_QUERY = "slow_query"
    """A statement that reads more than it needs, or is made too often."""
    BLOCKING_CALL = "blocking_call"
    """A call on the event loop during which nobody else is served."""
    POOL = "pool"
    """Too few connections to the database."""
    REDIS_POOL = "redis_pool"
    SLOW_ORIGIN = "slow_origin"
    """Sites that answer late."""
    LOCK_STEP = "lock_step"
    """Actors that hand on one message at a time, and wait for each."""
    SLOW_DISK = "slow_disk"
    """Commits that take long whatever is in them."""
    CPU_EXTRACTION = "cpu_extraction"
    """Pages out of which more is taken than the processor has time for."""
    MEMORY = "memory"
    """Fetches that wait until there is memory."""
    GARBAGE = "garbage"
    """A collector of garbage that holds everything up."""
