"""The process behind `cfscraper move`: shows how far it has come, and at the end what both sides hold."""

from collections.abc import Callable, Sequence
from time import monotonic, time
from typing import Self

from rich.console import Console
from rich.progress import TaskID
from rich.table import Table

from actors.display import LINE_EVERY_S, bar
from engine.storage.clock import StoreClock
from engine.storage.move import Compared, Moved
from engine.storage.move import move as moved


def move(source: str, target: str, console: Console) -> int:
    """0 if both sides hold the same at the end, else 1. Raises EngineError where nothing can be moved."""
    clock = StoreClock(wall=time, monotonic=monotonic)
    with _Shown(console=console, clock=monotonic) as shown:
        comparison = moved(source, target, clock=clock, told=shown.show)
    console.print(_table(comparison))
    different = [each.what for each in comparison if not each.is_equal]
    console.print(
        f"not the same on both sides: {', '.join(different)}" if different else "all is there", soft_wrap=True
    )
    return 1 if different else 0


class _Shown:
    """A bar a table on a terminal; elsewhere a line every few seconds and one for each table that is whole."""

    def __init__(self, *, console: Console, clock: Callable[[], float]) -> None:
        self._console = console
        self._clock = clock
        self._table = ""
        self._before = 0
        self._began_at = self._lined_at = self._told_at = clock()
        self._bars = bar(console, transient=False)
        self._task: TaskID | None = None

    def __enter__(self) -> Self:
        if self._console.is_terminal:
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def show(self, moved: Moved) -> None:
        if moved.table != self._table:
            self._begin(moved)
        self._told_at = self._clock()
        rate = (moved.rows - self._before) / max(self._told_at - self._began_at, 0.001)
        if self._task is not None:
            self._bars.update(self._task, completed=moved.rows, description=f"{moved.table}, {rate:.0f}/s")
            self._bars.refresh()
        elif moved.rows == moved.total or self._told_at - self._lined_at >= LINE_EVERY_S:
            self._lined_at = self._told_at
            self._console.print(f"{moved.table}: {moved.rows}/{moved.total} rows, {rate:.0f}/s", highlight=False)

    def _begin(self, moved: Moved) -> None:
        self._table, self._before, self._began_at = moved.table, moved.before, self._told_at
        if self._console.is_terminal:
            self._task = self._bars.add_task(moved.table, total=moved.total)


def _table(comparison: Sequence[Compared]) -> Table:
    table = Table("rows", "source", "target", title="what both sides hold")
    for each in comparison:
        table.add_row(each.what, str(each.source), str(each.target), style=None if each.is_equal else "red")
    return table
