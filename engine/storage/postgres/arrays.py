"""Rows as arrays for unnest, each a column of them."""

from collections.abc import Iterable, Sequence
from typing import Any

import orjson


def columns(rows: Iterable[Sequence[Any]]) -> list[Any]:
    """Texts as a list, numbers as `told` writes them, nulls alone as a null: unnest fills that with nulls.

    So no array of numbers is sent as one. The driver asks the server about the type of each kind once a connection,
    which costs that as much as several hundred pages.
    """
    return [_column(array) for array in zip(*rows, strict=True)]


def told(column: Sequence[str | float | None]) -> str:
    """As PostgreSQL writes an array, to be asked for as $1::text::text[], $1::text::int[] and so on.

    The driver asks of each value in a list whether it is a list itself: of 200 texts or numbers that takes it twice as
    long as to write and read this. Numbers must be finite.
    """
    text = orjson.dumps(column).decode()
    return "{" + (text[1:-1] if "\\" not in text else ",".join(map(_told, column))) + "}"


def _column(array: Sequence[Any]) -> Any:
    if array[0] is None and array.count(None) == len(array):
        return None
    is_of_numbers = isinstance(next(value for value in array if value is not None), int | float)
    return told(array) if is_of_numbers else array


def _told(value: str | float | None) -> str:
    """Where JSON escapes something: PostgreSQL takes what stands behind a backslash as it is."""
    if isinstance(value, str):
        value = value.replace("\\", "\\\\").replace('"', '\\"')
        return f'"{value}"'
    return "null" if value is None else str(value)
