"""Makes frozen dataclasses where there are some for each page: their own constructors take five times as long.

A draft of the same fields is filled as plain objects are, and then becomes what it was made for.
"""

from collections.abc import Iterable, Sequence
from dataclasses import fields, make_dataclass
from itertools import islice
from typing import Any, Generic, TypeVar

T = TypeVar("T")


class Mould(Generic[T]):
    """Of a slotted class; `names` are all its fields, in the order in which their values come."""

    def __init__(self, kind: type[T], names: Sequence[str]) -> None:
        if sorted(names) != sorted(field.name for field in fields(kind)):  # type: ignore[arg-type]  # a dataclass
            raise TypeError(f"those are not the fields of a {kind.__name__}")
        self._kind = kind
        self._draft: Any = make_dataclass(f"{kind.__name__}Draft", names, slots=True, eq=False, repr=False)

    def one(self, *values: Any) -> T:
        made = self._draft(*values)
        made.__class__ = self._kind
        return made  # type: ignore[no-any-return]  # it is one by now

    def many(self, number: int, *columns: Iterable[Any]) -> list[T]:
        """So many, each column the values of one field; none may be shorter."""
        made = list(islice(map(self._draft, *columns), number))
        if len(made) < number:
            raise ValueError("a column is shorter than what is to be made of it")
        for each in made:
            each.__class__ = self._kind
        return made
