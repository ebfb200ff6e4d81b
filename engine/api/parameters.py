"""What comes in behind the question mark: checked by a model as bodies are, unknown names refused.

A list is a name given again and again, or values between commas.
"""

from typing import Any, ClassVar, TypeVar

from aiohttp import web
from pydantic import BaseModel, ConfigDict

from engine.api.answers import FieldError
from engine.api.bodies import validated
from engine.api.errors import InvalidInputError


class Parameters(BaseModel):
    """All values come as text."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    lists: ClassVar[frozenset[str]] = frozenset()


P = TypeVar("P", bound=Parameters)


def read_query(request: web.Request, model: type[P]) -> P:
    """Raises InvalidInputError."""
    query = request.query
    return validated(model, {name: _value(name, query.getall(name), model) for name in query})


def _value(name: str, values: list[str], model: type[Parameters]) -> Any:
    if any("\0" in value for value in values):
        raise InvalidInputError(FieldError(field=name, message="text may not contain U+0000"))
    if name in model.lists:
        return [part for value in values for part in value.split(",")]
    if len(values) > 1:
        raise InvalidInputError(FieldError(field=name, message="may be given once"))
    return values[0]
