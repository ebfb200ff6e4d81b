"""The kinds of values that settings have, and how each is read from what was written."""

from ipaddress import ip_address
from typing import Literal

from pydantic import AfterValidator, BeforeValidator

from config.memory import part, size
from config.sources import listed

AUTO_CONCURRENT_JOBS = 1024

Lower = BeforeValidator(lambda value: value.lower() if isinstance(value, str) else value)
Upper = BeforeValidator(lambda value: value.upper() if isinstance(value, str) else value)
Auto = BeforeValidator(lambda value: AUTO_CONCURRENT_JOBS if str(value).lower() == "auto" else value)
Listed = BeforeValidator(lambda value: listed(value) if isinstance(value, str) else value)
Size = BeforeValidator(size)
Part = AfterValidator(part)

Role = Literal["all", "api", "worker"]
Level = Literal["DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"]
LogFormat = Literal["auto", "json", "console"]
Tracing = Literal["off", "otlp"]


def is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"
