"""How a server, or a cluster of them, is reached."""

from dataclasses import dataclass
from typing import Any

from redis.asyncio.connection import parse_url


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """`urls` is one server's, or of some nodes of a cluster; users, passwords and TLS stand in them.

    What fails to connect is tried once more if `retries_on_timeout`; in a cluster its layout is looked up instead.
    """

    urls: tuple[str, ...]
    is_cluster: bool
    max_connections: int
    connect_timeout_s: float
    keepalive: bool
    health_check_s: float
    retries_on_timeout: bool

    def connection(self, url: str) -> dict[str, Any]:
        """What redis-py makes a connection of; RESP2, which every server speaks.

        How long an answer is waited for is the caller's business: redis-py's own time-out is asyncio.wait_for, which
        on Python 3.11 can swallow a cancellation, and with it the deadline around it.
        """
        told = dict(parse_url(url))
        own = {
            "protocol": 2,
            "driver_info": None,
            "socket_timeout": None,
            "socket_connect_timeout": self.connect_timeout_s,
            "health_check_interval": self.health_check_s,
        }
        over_tcp = {} if "path" in told else {"socket_keepalive": self.keepalive}
        return {**told, **own, **over_tcp}
