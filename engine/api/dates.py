"""Times as users write them, and as they read them. Inside they are epoch seconds."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import PlainValidator, WithJsonSchema


def moment_of(value: object) -> float:
    """ISO 8601, taken as UTC where it names no zone. Raises ValueError."""
    if not isinstance(value, str):
        raise ValueError("should be a time in ISO 8601, as text")  # noqa: TRY004 - pydantic takes ValueError as a field's error
    try:
        moment = datetime.fromisoformat(value.upper())
    except ValueError as error:
        raise ValueError("should be a time in ISO 8601, as 2030-01-31T12:00:00Z") from error
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def shown(epoch_s: float) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)


def shown_if(epoch_s: float | None) -> datetime | None:
    return None if epoch_s is None else datetime.fromtimestamp(epoch_s, UTC)


Moment = Annotated[float, PlainValidator(moment_of), WithJsonSchema({"type": "string", "format": "date-time"})]
