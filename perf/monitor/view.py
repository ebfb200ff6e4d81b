"""What a monitor shows: a table that lives on a terminal, a line a sample elsewhere, and the summary at the end."""

from collections import deque
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import UTC, datetime
from math import isnan, nan
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.table import Table

from perf.monitor.sight import Sight
from perf.monitor.summary import Summary

BARS = " ▁▂▃▄▅▆▇█"
LAST = 20
"""Samples in a figure's curve."""
IN_A_LINE = ("pages_per_s", "requests_per_s", "jobs_failed_per_s", "queue", "active_jobs", "rss_mib", "cpu_percent")


class View:
    """`total` is how many samples there will be, where that is known."""

    def __init__(self, *, console: Console, host: str, total: int | None) -> None:
        self._console = console
        self._host = host
        self._total = total
        self._curves: dict[str, deque[float]] = {}
        self._live = Live(console=console, auto_refresh=False) if console.is_terminal else None

    def shown(self) -> AbstractContextManager[Any]:
        """From the first sample to the end."""
        return self._live or nullcontext()

    def show(self, sight: Sight, summary: Summary) -> None:
        for name in summary.names():
            self._curves.setdefault(name, deque(maxlen=LAST)).append(sight.figures.get(name, nan))
        if self._live is not None:
            self._live.update(self._table(summary, now=sight), refresh=True)
        else:
            self._console.print(self._line(sight, summary), highlight=False, soft_wrap=True)

    def end(self, summary: Summary) -> None:
        if self._live is None:
            self._console.print(self._table(summary))
        else:
            self._live.update(self._table(summary), refresh=True)

    def _table(self, summary: Summary, now: Sight | None = None) -> Table:
        table = Table(title=self._title(summary, now), title_justify="left")
        table.add_column("figure", no_wrap=True)
        for name in ("now", "least", "mean", "p95", "most"):
            table.add_column(name, justify="right")
        table.add_column(f"the last {LAST}", no_wrap=True)
        for name, spread in summary.spreads().items():
            at_last = _told(now.figures.get(name, nan)) if now else ""
            values = (spread.least, spread.mean, spread.p95, spread.most)
            table.add_row(name, at_last, *map(_told, values), curve(self._curves.get(name, ())))
        return table

    def _title(self, summary: Summary, now: Sight | None) -> str:
        state = f"NOT REACHED: {now.gap}; it is asked on" if now and now.gap else "Ctrl-C ends it" if now else "ended"
        return f"{self._host}, {self._progress(summary)}, {summary.gaps} gaps; {state}"

    def _progress(self, summary: Summary) -> str:
        return f"{summary.samples}{f' of {self._total}' if self._total else ''} samples"

    def _line(self, sight: Sight, summary: Summary) -> str:
        time = f"{datetime.fromtimestamp(sight.at, UTC):%H:%M:%S} {self._progress(summary)}"
        if sight.gap:
            return f"{time}: not reached: {sight.gap}"
        return f"{time}: {_words(sight.figures)}"


def curve(values: deque[float] | tuple[float, ...]) -> str:
    """From nothing to the most of them; what is not known is a gap."""
    most = max((value for value in values if not isnan(value)), default=0.0)
    return "".join(" " if isnan(value) else BARS[1 + round(7 * value / most) if most > 0 else 1] for value in values)


def _words(figures: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {_told(figures[name])}" for name in IN_A_LINE if name in figures)


def _told(value: float) -> str:
    if isnan(value):
        return "-"
    return f"{value:,.0f}" if value == int(value) or value >= 1000 else f"{value:,.2f}"
