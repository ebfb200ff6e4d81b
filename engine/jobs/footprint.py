"""What a fetch holds in memory, in bytes, as measured with many that stand at their body (uvloop, aiohttp 3.14).

300 of them held 10 to 14 KiB each before a body came; behind a site that sends what it can, 125 KiB of it waited in
front of each reader with the client's buffer of 16 KiB, and 375 KiB with aiohttp's own of 64.
"""

STATE_BYTES = 16 * 1024
"""A connection, its parser, the answer's head, the lease and the task."""
AHEAD_BYTES = 128 * 1024
"""What comes in before it is asked for, or with one read."""
SETTLEMENT_BYTES = 8 * 1024
"""An outcome on its way to the store, without its body."""
FLOOR_BYTES = STATE_BYTES + AHEAD_BYTES
"""No fetch begins with less."""


def in_one_piece(size: int) -> int:
    """For a body whose size is known: as it came, and joined."""
    return STATE_BYTES + 2 * size
