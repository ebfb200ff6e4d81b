"""One statement for many rows.

Each step of a statement lets go of the interpreter's lock and has to win it back from a busy loop, so rows go in blocks
of a power of two: few steps a batch, and few texts to prepare and keep. A block of large values is bounded by bytes,
for SQLite copies them.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain
from typing import Any, NamedTuple

from engine.storage.codec import refuse_nul

LARGEST = 128
LARGEST_BYTES = 1024 * 1024
"""Of a block's large values, where it is more than one row."""
HEAVY_BYTES = 64 * 1024


class Step(NamedTuple):
    """A statement that writes some of the rows."""

    text: str
    values: list[Any]
    is_heavy: bool
    """Are its values of a size that nobody should keep?"""


@dataclass(frozen=True, slots=True, kw_only=True)
class ManyRows:
    """`text` holds {rows} where the rows of `width` values go, each with the same `tail`.

    `large` is the place in a row of a value of any size.
    """

    text: str
    width: int
    tail: str = ""
    large: int | None = None

    def steps(self, rows: Sequence[Sequence[Any]], *before: Any) -> Iterator[Step]:
        """The statements that write the rows, with their values; `before` are the values that precede the rows'."""
        at = self.large
        weights = [] if at is None else [0 if (value := row[at]) is None else len(value) for row in rows]
        done = 0
        while done < len(rows):
            count = min(LARGEST, 1 << (len(rows) - done).bit_length() - 1)
            while count > 1 and sum(weights[done : done + count]) > LARGEST_BYTES:
                count >>= 1
            is_heavy = sum(weights[done : done + count]) > HEAVY_BYTES
            values = list(chain.from_iterable(rows[done : done + count]))
            texts = [value for value in values if type(value) is str]
            if any("\0" in text for text in texts) if is_heavy else "\0" in "".join(texts):
                refuse_nul()
            yield Step(_text(self, count), [*before, *values], is_heavy)
            done += count


@lru_cache(maxsize=256)
def _text(form: ManyRows, count: int) -> str:
    row = f"({', '.join('?' * form.width)}{form.tail})"
    return form.text.format(rows=", ".join([row] * count))
