"""Settings in force, as they are printed."""

from dataclasses import dataclass

from config.sources import Origin, masked


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """One effective setting, fit to be printed: secrets are masked."""

    name: str
    value: str
    origin: Origin
    meaning: str


def shown(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, tuple):
        return ", ".join(map(masked, value))
    return "" if value is None else masked(str(value))
