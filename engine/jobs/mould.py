"""Makes frozen dataclasses where there are some for each page: their own constructors take five times as long.

A draft of the same fields is filled as plain objects are, and then becomes what it was made for.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import fields, make_dataclass
from itertools import islice
from typing import Any, Generic, TypeVar, cast

T = TypeVar("T")


class Mould(Generic[T]):
    """Of a slotted class; `names` are all its fields, in the order in which their values come."""

    def __init__(self, kind: type[T], names: Sequence[str]) -> None:
        if sorted(names) != sorted(field.name for field in fields(kind)):  # type: ignore[arg-type]  # a dataclass
            raise TypeError(f"those are not the fields of a {kind.__name__}")
        self.one = _maker(kind, names)
        """Takes the values."""

    def many(self, number: int, *columns: Iterable[Any]) -> list[T]:
        """So many, each column the values of one field; none may be shorter."""
        made = list(islice(map(self.one, *columns), number))
        if len(made) < number:
            raise ValueError("a column is shorter than what is to be made of it")
        return made


def _maker(kind: type[T], names: Sequence[str]) -> Callable[..., T]:
    """Written out for its names, as dataclasses write their constructors: a call of a class costs a call more."""
    draft = make_dataclass(f"{kind.__name__}Draft", names, slots=True, eq=False, repr=False, init=False)
    steps = "; ".join(f"_made.{name} = {name}" for name in names)
    place: dict[str, Any] = {"_kind": kind, "_draft": draft, "_new": object.__new__}
    text = f"def one({', '.join(names)}): _made = _new(_draft); {steps}; _made.__class__ = _kind; return _made"
    exec(text, place)  # noqa: S102 - names are fields, checked above
    return cast("Callable[..., T]", place["one"])
