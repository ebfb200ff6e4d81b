"""One statement for many rows.

Each step of a statement lets go of the interpreter's lock and has to win it back from a busy loop, so rows go in blocks
of a power of two: few steps a batch, and few texts to prepare and keep.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any

from engine.storage.codec import refuse_nul

LARGEST = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyRows:
    """`text` holds {rows} where the rows of `width` values go, each with the same `tail`."""

    text: str
    width: int
    tail: str = ""

    def steps(self, rows: Sequence[Sequence[Any]], *before: Any) -> Iterator[tuple[str, list[Any]]]:
        """The statements that write the rows, with their values; `before` are the values that precede the rows'."""
        done = 0
        while done < len(rows):
            count = min(LARGEST, 1 << (len(rows) - done).bit_length() - 1)
            values = list(chain.from_iterable(rows[done : done + count]))
            if "\0" in "".join([value for value in values if type(value) is str]):
                refuse_nul()
            yield _text(self, count), [*before, *values]
            done += count


@lru_cache(maxsize=256)
def _text(form: ManyRows, count: int) -> str:
    row = f"({', '.join('?' * form.width)}{form.tail})"
    return form.text.format(rows=", ".join([row] * count))
