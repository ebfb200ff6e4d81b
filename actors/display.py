"""How far a command has come: a bar on a terminal, plain lines elsewhere; a table at the end. All on standard error."""

from collections.abc import Callable
from dataclasses import dataclass

from psutil import Process
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table

from engine.jobs.query import Counts
from engine.jobs.status import Status

LINE_EVERY_S = 5.0
MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """One moment of a run."""

    done: int
    failed: int
    total: int
    is_whole: bool
    """Will the total not grow any more?"""
    per_second: float
    rss_mib: float

    @property
    def eta(self) -> str:
        """How long the rest takes at this run's rate; a question mark while that is not known."""
        if not self.is_whole or not self.per_second:
            return "?"
        seconds = round((self.total - self.done - self.failed) / self.per_second)
        return f"{seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02}"

    @property
    def line(self) -> str:
        total = f"{self.total}" if self.is_whole else f"{self.total}+"
        return (
            f"{self.done + self.failed}/{total} done, {self.failed} failed, {self.per_second:.0f}/s, "
            f"ETA {self.eta}, {self.rss_mib:.0f} MiB"
        )


def bar(console: Console, *, transient: bool) -> Progress:
    """Drawn when it is told to; what is transient is gone at its end."""
    return Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
        auto_refresh=False,
        transient=transient,
    )


class Display:
    """Shown by who calls `show`; `clock` gives seconds."""

    def __init__(self, *, console: Console, clock: Callable[[], float]) -> None:
        self._console = console
        self._clock = clock
        self._process = Process()
        self._began_at = self._lined_at = clock()
        self._ended_before = 0
        self._bar = bar(console, transient=True)
        self._task: TaskID | None = None

    def begin(self, counts: Counts) -> None:
        """What ended in earlier runs does not count for the rate of this one."""
        self._ended_before = sum(n for status, n in counts.items() if status.is_final)

    def show(self, counts: Counts, *, is_whole: bool) -> None:
        standing = self._standing(counts, is_whole=is_whole)
        if self._console.is_terminal:
            self._show_bar(standing)
        elif self._clock() - self._lined_at >= LINE_EVERY_S:
            self._lined_at = self._clock()
            self._console.print(standing.line, highlight=False)

    def end(self, counts: Counts) -> None:
        """The table of what became of all."""
        if self._task is not None:
            self._bar.stop()
        standing = self._standing(counts, is_whole=True)
        table = Table("jobs", "number", title="what became of it")
        for status in Status:
            if counts.get(status):
                table.add_row(status, str(counts[status]))
        table.add_row("seconds", f"{self._clock() - self._began_at:.1f}")
        table.add_row("a second", f"{standing.per_second:.1f}")
        self._console.print(table)

    def _show_bar(self, standing: Standing) -> None:
        if self._task is None:
            self._bar.start()
            self._task = self._bar.add_task("")
        self._bar.update(
            self._task,
            completed=standing.done + standing.failed,
            total=standing.total,
            description=f"{standing.failed} failed, {standing.per_second:.0f}/s, ETA {standing.eta}, "
            f"{standing.rss_mib:.0f} MiB",
        )
        self._bar.refresh()

    def _standing(self, counts: Counts, *, is_whole: bool) -> Standing:
        done = counts.get(Status.COMPLETED, 0)
        failed = counts.get(Status.FAILED, 0) + counts.get(Status.CANCELLED, 0)
        return Standing(
            done=done,
            failed=failed,
            total=sum(counts.values()),
            is_whole=is_whole,
            per_second=(done + failed - self._ended_before) / max(self._clock() - self._began_at, 0.001),
            rss_mib=self._process.memory_info().rss / MEBIBYTE,
        )
