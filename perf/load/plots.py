"""A scenario as one picture: what users saw and what the server showed, over the same seconds."""

import re
from collections.abc import Callable, Sequence
from io import StringIO
from math import isnan
from typing import Any

import matplotlib as mpl
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.typing import RcKeyType

from perf.load.section import MEBIBYTE, Section, rates
from perf.sampler import MAILBOX

LOOK: dict[RcKeyType, Any] = {
    "svg.hashsalt": "load",
    "svg.fonttype": "none",
    "font.family": "sans-serif",
    "font.size": 9,
    "axes.titlesize": 10,
    "axes.titlelocation": "left",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.alpha": 0.3,
    "lines.linewidth": 1.3,
    "legend.frameon": False,
    "legend.fontsize": 8,
}
NO_FACTS = {"Date": None, "Creator": None, "Format": None, "Type": None}
"""Of the picture itself: the page around it tells them."""
COLUMNS, WIDTH_IN, PANEL_IN = 2, 13.0, 2.2
AFTER_S = 3.0
Panel = Callable[[Axes, Section], None]


def drawn(section: Section) -> str:
    """An SVG element, whose ids no other scenario's has."""
    panels = [*PANELS, *(panel for column, panel in POOLS.items() if any(section.shown(column)[1:]))]
    rows = -(-len(panels) // COLUMNS)
    with mpl.rc_context(LOOK):
        figure = Figure(figsize=(WIDTH_IN, PANEL_IN * rows), layout="constrained")
        every = [axes for row in figure.subplots(rows, COLUMNS, sharex=True, squeeze=False) for axes in row]
        for panel, axes in zip(panels, every, strict=False):
            panel(axes, section)
            _finished(axes)
        for axes in every[len(panels) :]:
            axes.set_visible(False)
        every[0].set_xlim(0, _end_s(section))
        for axes in every[len(panels) - COLUMNS : len(panels)]:
            axes.set_xlabel("seconds")
            axes.tick_params(labelbottom=True)
        written = StringIO()
        figure.savefig(written, format="svg", metadata=NO_FACTS)
    return _embedded(written.getvalue(), section.name)


def _users(axes: Axes, section: Section) -> None:
    axes.set_title("users")
    at_s = [moment.at_s for moment in section.moments]
    axes.plot(at_s, [moment.users for moment in section.moments], label="were there")
    seconds = range(int(section.shape.lasts_s) + 1)
    asked = [section.shape.users_at(second) or 0 for second in seconds]
    axes.plot(seconds, asked, drawstyle="steps-post", linestyle="--", color="grey", label="asked for")


def _requests(axes: Axes, section: Section) -> None:
    axes.set_title("requests/s")
    at_s = [moment.at_s for moment in section.moments]
    axes.plot(at_s, rates(at_s, [moment.requests for moment in section.moments]), label="all")
    axes.plot(at_s, rates(at_s, [moment.refused for moment in section.moments]), color="tab:orange", label="refused")


def _times(axes: Axes, section: Section) -> None:
    axes.set_title("response time, ms, of the last 10 s")
    at_s = [moment.at_s for moment in section.moments]
    axes.plot(at_s, [moment.p99_ms for moment in section.moments], color="tab:red", label="p99")
    axes.plot(at_s, [moment.p95_ms for moment in section.moments], color="tab:orange", label="p95")
    axes.plot(at_s, [moment.p50_ms for moment in section.moments], color="tab:blue", label="p50")


def _failures(axes: Axes, section: Section) -> None:
    axes.set_title("failures/s")
    at_s = [moment.at_s for moment in section.moments]
    axes.plot(at_s, rates(at_s, [moment.failures for moment in section.moments]), color="tab:red")


def _pages(axes: Axes, section: Section) -> None:
    axes.set_title("server: pages/s")
    axes.plot(section.server["at_s"], section.rate_of("pages"), color="tab:green")


def _queue(axes: Axes, section: Section) -> None:
    axes.set_title("server: jobs")
    axes.plot(section.server["at_s"], section.shown("queue"), label="queued")
    axes.plot(section.server["at_s"], section.shown("active"), color="tab:green", label="running")


def _memory(axes: Axes, section: Section) -> None:
    axes.set_title("server: resident memory, MiB")
    axes.plot(section.server["at_s"], [each / MEBIBYTE for each in section.shown("rss_bytes")], color="tab:purple")


def _cpu(axes: Axes, section: Section) -> None:
    axes.set_title("server: CPU, % of one core")
    axes.plot(section.server["at_s"], [100 * each for each in section.rate_of("cpu_s")], color="tab:purple")


def _lag(axes: Axes, section: Section) -> None:
    axes.set_title("server: event loop lag, ms")
    axes.plot(section.server["at_s"], section.lag_ms(), color="tab:red")


def _mailboxes(axes: Axes, section: Section) -> None:
    axes.set_title("server: messages in mailboxes")
    for name in (name for name in section.server if name.startswith(MAILBOX)):
        axes.plot(section.server["at_s"], section.shown(name), label=name.removeprefix(MAILBOX))


def _database(axes: Axes, section: Section) -> None:
    axes.set_title("server: database connections")
    axes.plot(section.server["at_s"], section.shown("db_pool"), color="grey", label="open")
    axes.plot(section.server["at_s"], section.shown("db_used"), label="in use")


def _redis(axes: Axes, section: Section) -> None:
    axes.set_title("server: Redis connections")
    axes.plot(section.server["at_s"], section.shown("redis_pool"), color="grey", label="open")
    sizes = zip(section.shown("redis_pool"), section.shown("redis_free"), strict=True)
    axes.plot(section.server["at_s"], [size - free for size, free in sizes], label="in use")


PANELS: Sequence[Panel] = (
    _users,
    _pages,
    _requests,
    _queue,
    _times,
    _memory,
    _failures,
    _cpu,
    _lag,
    _mailboxes,
)
POOLS: dict[str, Panel] = {"db_pool": _database, "redis_pool": _redis}
"""Drawn where there is such a pool."""


def _finished(axes: Axes) -> None:
    """Nothing is below zero, and zero is seen. Names stand beside the title, where no line goes."""
    top = max(axes.get_ylim()[1], 1.0)
    axes.set_ylim(-0.03 * top, top)
    if len(axes.get_lines()) > 1:
        axes.legend(loc="lower right", bbox_to_anchor=(1.0, 0.97), ncols=4, borderaxespad=0.0)


def _end_s(section: Section) -> float:
    """Where the users' last second is, or the shape's where it was never reached."""
    seen = [moment.at_s for moment in section.moments]
    return max(seen[-1] if seen and not isnan(seen[-1]) else section.shape.lasts_s, AFTER_S)


def _embedded(svg: str, name: str) -> str:
    """Without the document's head, and with ids of its own."""
    element = svg[svg.index("<svg") :]
    return re.sub(r'(id="|"#|\(#)', rf"\g<1>{name}-", element)
