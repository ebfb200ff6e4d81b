"""What was seen, as tables on a terminal."""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table

from perf.profile.stacks import Share, by_total, shares, stacks_of

SHOWN = 15
KIBIBYTE = 1024


def show_cpu(cpu: Mapping[str, Any], console: Console) -> None:
    threads = _table(f"{cpu['looks']} looks in {cpu['seconds']:.1f} s", "processor s", "busy", "thread")
    for each in cpu["threads"]:
        threads.add_row(f"{each['cpu_s']:.2f}", f"{each['busy'] / each['samples']:.0%}", each["name"])
    console.print(threads)
    found = shares(stacks_of(cpu))
    console.print(_tops("own", found))
    console.print(_tops("total", by_total(found)))


def show_memory(memory: Mapping[str, Any], console: Console) -> None:
    title = f"What came to be held in {memory['seconds']:.0f} s, of {memory['traced_bytes'] / KIBIBYTE:,.0f} KiB traced"
    table = _table(title, "grown, KiB", "blocks", "held, KiB", "line")
    for each in memory["grown"]:
        grown, held = each["size_bytes"] / KIBIBYTE, each["held_bytes"] / KIBIBYTE
        table.add_row(f"{grown:,.1f}", f"{each['count']:,}", f"{held:,.1f}", f"{each['file']}:{each['line']}")
    console.print(table)
    console.print(memory["overhead"], highlight=False)


def show_tasks(tasks: Mapping[str, Any], console: Console) -> None:
    table = _table(f"{tasks['total']} tasks", "tasks", "actors", "wait in")
    for each in tasks["groups"]:
        table.add_row(str(each["count"]), " ".join(each["actors"]), "\n".join(reversed(each["frames"])))
    console.print(table)


def _tops(by: str, found: Sequence[Share]) -> Table:
    table = _table(f"functions, by their {by} share of what was busy", "own", "total", "function")
    for share in found[:SHOWN]:
        table.add_row(f"{share.own:.1%}", f"{share.total:.1%}", share.name)
    return table


def _table(title: str, *columns: str) -> Table:
    """Figures to the right, words as they are."""
    table = Table(title=title, title_justify="left")
    for name in columns[:-1]:
        table.add_column(name, justify="right")
    table.add_column(columns[-1], overflow="fold")
    return table
