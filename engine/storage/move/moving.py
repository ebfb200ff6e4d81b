"""The move itself: table by table in the order of the keys, and at last, in one transaction, the figures.

Killed at any moment it goes on where it was: what is there is told by the target's greatest keys. Of the rows no more
than a few megabytes are in memory.
"""

import asyncio
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from engine.errors import StoreError
from engine.storage.address import is_server
from engine.storage.clock import StoreClock
from engine.storage.migrate import migrate
from engine.storage.move import source, target
from engine.storage.move.comparison import Compared, compared
from engine.storage.move.forms import LAST, ROWS, Form
from engine.storage.move.source import Row, Source
from engine.storage.move.target import IN_USE, Target

STRETCH_ROWS = 5_000
STRETCH_BYTES = 4 * 1024 * 1024
"""A transaction ends with the row that reaches one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """How far a table has come."""

    table: str
    before: int
    """Rows that were there when it was begun or gone on with."""
    rows: int
    """Those among them."""
    total: int


Told = Callable[[Moved], None]


def move(source_url: str, target_url: str, *, clock: StoreClock, told: Told) -> tuple[Compared, ...]:
    """What both sides hold at the end. The target is brought to this release's schema, the source must have it.

    Raises StoreInUseError while a process has the file open, and StoreError where the target holds anything else.
    """
    path = _file(source_url)
    if not is_server(target_url):
        raise StoreError("a move goes to postgresql://...")
    with source.opened(path):
        pass
    migrate(target_url)
    return asyncio.run(_move(path, target_url, clock, told))


async def _move(path: Path, url: str, clock: StoreClock, told: Told) -> tuple[Compared, ...]:
    await source.take_back(path, clock)
    with source.opened(path) as here:
        async with target.opened(url) as there:
            if stranger := await there.difference(here.standings()):
                raise StoreError(f"the database holds {stranger}, which the file does not hold, or not in that state")
            if not await there.is_done():
                await _copy(here, there, told)
            return compared(here.counts(), await there.counts())


async def _copy(here: Source, there: Target, told: Told) -> None:
    for form in ROWS:
        await _copy_table(form, here, there, told)
    await there.finish((form, rows) for form in LAST for rows in _stretches(here.rows(form)))


async def _copy_table(form: Form, here: Source, there: Target, told: Told) -> None:
    last, total = await there.last(form), here.count(form)
    before = done = await there.count(form)
    for rows in _stretches(here.rows(form, last)):
        await there.put(form, rows)
        done += len(rows)
        told(Moved(table=form.name, before=before, rows=done, total=total))
    if done != total:
        raise StoreError(IN_USE)


def _stretches(rows: Iterator[Row]) -> Iterator[list[Row]]:
    stretch: list[Row] = []
    size = 0
    for row in rows:
        stretch.append(row)
        size += sum(len(value) for value in row if isinstance(value, str | bytes))
        if len(stretch) == STRETCH_ROWS or size >= STRETCH_BYTES:
            yield stretch
            stretch, size = [], 0
    if stretch:
        yield stretch


def _file(url: str) -> Path:
    try:
        place = make_url(url)
    except ArgumentError:
        place = None
    if place is None or place.get_backend_name() != "sqlite" or not place.database:
        raise StoreError("a move comes from sqlite:///PATH")
    return Path(place.database)
