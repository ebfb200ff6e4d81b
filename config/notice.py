"""How long the end of a process is announced to balancers."""

from typing import Any

from config.database import is_server

HEARD_WITHIN_S = 2.0
"""That they are to send requests to another process."""


def delay_s(known: dict[str, Any]) -> float:
    """As the other settings are: 0 where no other process could answer instead, or none is asked for anything."""
    return HEARD_WITHIN_S if known["role"] != "worker" and is_server(known["database_url"]) else 0.0
