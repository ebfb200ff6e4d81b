"""Which process answers at a URL, where that is of this machine and can be told."""

from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

import psutil

OURS = "python"
"""How its program's name begins. Another may stand before it, a container's proxy say, and must not be taken for it."""
PORTS = {"http": 80, "https": 443}


def process_of(url: str) -> int | None:
    """Its pid; None where it is elsewhere, or where not exactly one can be told."""
    place = urlsplit(url)
    if not _is_loopback(place.hostname or ""):
        return None
    port = place.port or PORTS.get(place.scheme)
    try:
        listening = {
            each.pid
            for each in psutil.net_connections(kind="tcp")
            if each.status == psutil.CONN_LISTEN and each.laddr and each.laddr.port == port and each.pid
        }
    except psutil.AccessDenied:
        return None
    found = [pid for pid in listening if _is_ours(pid)]
    return found[0] if len(found) == 1 == len(listening) else None


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _is_ours(pid: int) -> bool:
    try:
        return Path(psutil.Process(pid).exe()).name.startswith(OURS)
    except psutil.Error:
        return False
