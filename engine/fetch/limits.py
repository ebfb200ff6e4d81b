"""What a client grants a site, and what it keeps open. Times are in seconds."""

from dataclasses import dataclass

CHUNK_BYTES = 256 * 1024
"""Bodies up to this are kept in one piece; larger ones go to the sink in pieces of at most this."""
PIECE_BYTES = 32 * 1024
"""So much of a body is taken from the client, or unfolded, at a time."""
READ_BYTES = 16 * 1024
"""A body that nobody reads is taken in up to twice this, and what one read of the socket brings."""
MAX_REDIRECTS = 10
MAX_HEADER_BYTES = 32 * 1024
"""One header, or the status line: policies and cookies of real sites outgrow the usual 8 KiB."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """The bounds and manners of a client."""

    user_agent: str
    """Sent unless the request has its own."""
    connect_s: float = 10.0
    """For the name, the connection and TLS together."""
    read_s: float | None = None
    """For the first byte, and between two; None: only the whole attempt is bounded."""
    keepalive_s: float = 5.0
    """How long an idle connection is kept; 0 keeps none."""
    idle_hosts: int = 256
    """Once so many hosts have idle connections, further ones are asked to close theirs after use."""
    verify_tls: bool = True
    follow_redirects: bool = True
