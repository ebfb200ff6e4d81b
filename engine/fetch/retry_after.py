"""How long a site asks us to stay away (RFC 9110, 10.2.3): in seconds, or until a date."""

from datetime import UTC, datetime
from email.utils import parsedate_to_datetime


def retry_after_s(value: str, *, now: float) -> float | None:
    """Seconds from `now`, in epoch seconds; never below 0. None if the site wrote neither a number nor a date."""
    text = value.strip()
    if text.isascii() and text.isdigit():
        return float(text[:10])
    try:
        moment = parsedate_to_datetime(text)
        return max(0.0, _in_utc(moment).timestamp() - now)
    except (ValueError, OverflowError, IndexError):
        return None


def _in_utc(moment: datetime) -> datetime:
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
